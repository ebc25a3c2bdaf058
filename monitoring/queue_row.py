"""One row a queue: its figures, who serves it and why its jobs wait."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from jobs.inspection.figures import QueueLine, queue_line
from jobs.store.glance import Figures
from jobs.store.pace import RATED
from jobs.store.queue_view import QueueView
from jobs.store.registry import Seen

from .causes import Cause, QueueFacts, cause_of


class QueueRow(msgspec.Struct, frozen=True):
    """What a row shows: the queue as the API tells it, its live workers and their slots, and the cause."""

    queue: QueueLine
    workers: int
    slots: int
    cause: Cause


def queue_rows(
    figures: Figures, workers: Sequence[Seen], most_workers: Mapping[str, int], usual: Mapping[str, float]
) -> list[QueueRow]:
    """All queues: those in trouble, those with another cause to wait, the others; the longest wait of each first.

    `most_workers`: to which a pool may grow; `usual`: the processing time of a queue's jobs (ms); where they are known.
    """
    alive = [seen for seen in workers if seen.alive]
    pools: dict[str, int] = {}
    for seen in alive:
        pools[seen.info.pool] = pools.get(seen.info.pool, 0) + 1
    serving: dict[str, list[Seen]] = {}
    for seen in alive:
        for name in seen.info.queues:
            serving.setdefault(name, []).append(seen)
    rows = []
    for view in figures.queues:
        line, crew = queue_line(view), serving.get(view.name, [])
        at_most = _are_at_most({seen.info.pool for seen in crew}, pools, most_workers)
        facts = _facts(view, crew, at_most, figures, usual.get(view.name))
        rows.append(QueueRow(line, len(crew), facts.slots, cause_of(facts)))
    return sorted(rows, key=_urgency)


def _urgency(row: QueueRow) -> tuple[bool, bool, int, int, str]:
    queue, cause = row.queue, row.cause
    jobs = queue.pending + queue.active + queue.dead
    return (not cause.is_trouble, not cause.word, -queue.oldest_age, -jobs, queue.name)


def _are_at_most(names: Collection[str], alive: Mapping[str, int], most: Mapping[str, int]) -> bool | None:
    """Whether no pool may grow; None where that is not known of one and none of the others may."""
    can_grow = {name: alive[name] < most[name] if name in most else None for name in names}
    if any(can_grow.values()):
        return False
    return None if None in can_grow.values() else True


def _facts(
    view: QueueView, crew: Sequence[Seen], at_most: bool | None, figures: Figures, usual_ms: float | None
) -> QueueFacts:
    def counted(what: str) -> int:
        return sum(bucket.get(f"{view.name}|{what}", 0) for bucket in figures.recent[-RATED:])

    completed, failures = counted("completed"), figures.lately(view.name, "failed")
    return QueueFacts(
        paused=view.paused,
        waiting=sum(view.depth.values()),
        held=view.counts["held"],
        oldest_ms=view.oldest_ms,
        arriving=view.in_per_second,
        leaving=view.out_per_second,
        rated=view.rated,
        executions=failures + figures.lately(view.name, "completed"),
        failures=failures,
        waits_for={(each[0], each[2]) for seen in crew for each in seen.info.waiting if each[1] == view.name},
        workers=len(crew),
        slots=sum(seen.info.concurrency for seen in crew),
        busy=sum(seen.info.busy for seen in crew),
        at_most=at_most,
        mean_ms=counted("ms") / completed if completed else None,
        usual_ms=usual_ms,
    )
