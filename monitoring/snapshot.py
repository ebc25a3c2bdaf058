"""What live views are told, topic by topic, from one look at the store."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from functools import cached_property, partial
from typing import Final

from msgspec.structs import asdict, replace

from jobs.conf import Config
from jobs.errors import StoreError
from jobs.inspection.figures import worker_line
from jobs.inspection.items import item_of
from jobs.inspection.status import InstallationStatus
from jobs.inspection.wire import time_of
from jobs.redaction import redactor_of
from jobs.store.glance import Figures
from jobs.store.registry import Seen
from jobs.store.store import Store

from .breaker_words import of_breakers
from .chart_kinds import KINDS
from .crew import Crew
from .deaths import deaths_of
from .excerpt import ROWS
from .headline import headline_of
from .history import points_since
from .live.frames import (
    Data,
    Dead,
    DeadGroup,
    Jobs,
    Older,
    Operations,
    Queues,
    Status,
    Told,
    Workers,
    job_list,
    progress_of,
    told,
)
from .live.latest import Latest, latest
from .live.mask import Mask
from .live.painter import Painter
from .live.topics import LISTS, Topic
from .look import rows_of
from .overdue import status_with_schedules
from .queue_row import QueueRow
from .worker_rows import by_urgency

logger = logging.getLogger(__name__)

NEWEST: Final = 50
GROUPS: Final = 200
PAUSED: Final = 100
OPERATIONS: Final = 20
ENDED_MS: Final = 60_000  # for which an operation that is over is told of
PARTS_SECONDS: Final = 2.0  # for which the state of the parts is believed
CHARTED_SECONDS: Final = 60  # whose points are told again, so that a page may miss some frames
STEPS_MS: Final = ((86_400_000, 86_400_000), (3_600_000, 3_600_000), (60_000, 60_000), (10_000, 1000), (1000, 100))
TOTALS: Final = ("completed", "failed", "dead", "cancelled", "retried", "pruned", "deleted")


class Snapshot:
    """Looks at the store for everybody at once, with the eyes of who may see least.

    For one thread at a time; it remembers what it need not read again. One more topic is one more method, named in
    `_views`, of a `_Look` that reads each thing once.
    """

    def __init__(self, config: Config) -> None:
        self._redactor = redactor_of(config.redact_fields) if config.redact_fields else None
        self._mask = Mask(self._redactor)
        self._painters = {
            "queue": Painter("parts/queue_row", lambda row: {"row": row, "queue": row.queue}),
            "worker": Painter("parts/worker_row", lambda line: {"worker": line}),
            "job": Painter("parts/job_row", lambda item: {"job": item}),
        }
        self._lists = {topic: Painter("jobs/row", lambda item: {"job": item}) for topic in LISTS}
        self._parts: tuple[float, InstallationStatus] | None = None
        self._groups: tuple[tuple[int, ...], list[DeadGroup]] | None = None
        self._views: dict[Topic, Callable[[_Look], Data]] = {
            Topic.STATUS: self._status,
            Topic.QUEUES: self._queues,
            Topic.WORKERS: self._workers,
            Topic.JOBS: self._jobs,
            Topic.DLQ: self._dead,
            Topic.OPERATIONS: self._operations,
            Topic.CHARTS: self._charts,
            **{topic: partial(self._list, topic) for topic in LISTS},
        }

    def look(self, store: Store, topics: Collection[Topic]) -> dict[Topic, Told]:
        """What is to be told of some topics now. Raises StoreError; a topic that cannot be told is left out."""
        look = _Look(store, topics)
        found: dict[Topic, Told] = {}
        for topic in topics:
            if topic not in self._views:
                continue
            try:
                found[topic] = told(self._views[topic](look))
            except StoreError:
                raise
            except Exception:
                logger.exception("the topic %s cannot be told", topic)
        return found

    def _status(self, look: _Look) -> Data:
        figures, seen = look.figures, look.workers
        if self._parts is None or time.monotonic() - self._parts[0] > PARTS_SECONDS:
            self._parts = (time.monotonic(), look.status)
        whole = replace(self._parts[1], paused_queues=sorted(figures.paused), jobs=figures.states)
        deaths, goal_ms = deaths_of(look.store, figures.now_ms), look.store.config.latency_goal_ms
        headline = headline_of(whole, look.rows, deaths, goal_ms, of_breakers())
        return Status(
            at=time_of(figures.now_ms),
            status=headline.health,
            sentence=headline.sentence,
            parts=whole.parts,
            counts=figures.states,
            totals={"total": figures.totals.get("created", 0)} | {name: figures.totals.get(name, 0) for name in TOTALS},
            rates={
                "in": round(figures.rate("in"), 3),
                "out": round(figures.rate("completed"), 3),
                "failed": round(figures.rate("failed"), 3),
            },
            paused_queues=whole.paused_queues[:PAUSED],
            workers=asdict(Crew.of(seen, figures.states["active"])),
            release=whole.release,
        )

    def _queues(self, look: _Look) -> Data:
        now = time_of(look.figures.now_ms)
        lines = [(row.queue.name, _as_shown(row)) for row in look.rows[:ROWS]]
        rows = self._painters["queue"].rows(lines, now or "")
        troubled = sum(bool(row.cause.word) for row in look.rows[:ROWS])
        return Queues(at=now, count=len(look.rows), troubled=troubled, rows=rows)

    def _workers(self, look: _Look) -> Data:
        now = time_of(look.figures.now_ms)
        lines = map(worker_line, by_urgency(look.workers)[:ROWS])
        rows = self._painters["worker"].rows(((line.id, line) for line in lines), now or "")
        return Workers(at=now, count=len(look.workers), alive=sum(each.alive for each in look.workers), rows=rows)

    def _jobs(self, look: _Look) -> Data:
        figures = look.figures
        now = time_of(figures.now_ms)
        lines = [(row.id, item_of(row, None)) for row in self._mask.rows(look.store, figures.rows)]
        rows = self._painters["job"].rows(lines, now or "")
        return Jobs(at=now, created=figures.totals.get("created", 0), rows=rows)

    def _list(self, topic: Topic, look: _Look) -> Data:
        found = latest(look.store, LISTS[topic])
        masked = self._mask.rows(look.store, [line.row for line in found.lines])
        now = time_of(look.store.reader.now_ms())
        rows = self._lists[topic].rows([(row.id, item_of(row, None)) for row in masked], now or "")
        return job_list(now, rows, partial(self._older, found))

    def _older(self, found: Latest, count: int) -> Older | None:
        whole, masked = found.cursor(count, None), found.cursor(count, self._redactor)
        return Older(whole=whole, masked=masked) if whole and masked else None

    def _dead(self, look: _Look) -> Data:
        totals, dead = look.figures.totals, look.figures.states["dead"]
        changes = (dead, *(totals.get(name, 0) for name in ("dead", "retried", "deleted", "pruned")))
        if self._groups is None or self._groups[0] != changes:
            found = sorted(look.store.reader.groups().items(), key=lambda pair: (-pair[1].count, pair[0]))
            groups = [
                DeadGroup(fingerprint=name, count=group.count, last_seen=time_of(group.last_seen))
                for name, group in found[:GROUPS]
            ]
            self._groups = (changes, groups)
        return Dead(at=time_of(look.figures.now_ms), dead=dead, groups=self._groups[1])

    def _operations(self, look: _Look) -> Data:
        operations, now = look.store.operations, look.figures.now_ms
        open_now = {operation.id: operation for operation, _ in operations.unfinished()}
        latest = {operation.id: operation for operation in operations.latest(OPERATIONS)}
        recent = [
            operation
            for operation in (open_now | latest).values()
            if not operation.status.is_over or operation.finished > now - ENDED_MS
        ]
        items = [progress_of(operation) for operation in sorted(recent, key=lambda each: each.id, reverse=True)]
        return Operations(at=time_of(now), items=items)

    def _charts(self, look: _Look) -> Data:
        return points_since(look.store, tuple(KINDS), None, look.figures.now_ms / 1000 - CHARTED_SECONDS)


def _as_shown(row: QueueRow) -> QueueRow:
    """The row with its times as exact as people are told them: between two it need not be painted again."""
    clears = row.cause.clears_in_ms
    cause = row.cause if clears is None else replace(row.cause, clears_in_ms=_shown(clears))
    return replace(row, queue=replace(row.queue, oldest_age=_shown(row.queue.oldest_age)), cause=cause)


def _shown(milliseconds: int) -> int:
    step = next((step for least, step in STEPS_MS if milliseconds >= least), 1)
    return milliseconds // step * step


class _Look:
    """One look: each thing is read when it is first asked for, and once."""

    def __init__(self, store: Store, topics: Collection[Topic]) -> None:
        self.store = store
        self._newest = NEWEST if Topic.JOBS in topics else 0

    @cached_property
    def figures(self) -> Figures:
        """The whole installation."""
        return self.store.glance.figures(self._newest)

    @cached_property
    def rows(self) -> list[QueueRow]:
        """All queues, the most urgent first."""
        return rows_of(self.store, self.figures, self.workers)

    @property
    def status(self) -> InstallationStatus:
        """How the parts are."""
        figures = self.figures
        return status_with_schedules(self.store, self.workers, figures.states, figures.paused, figures.now_ms)

    @cached_property
    def workers(self) -> list[Seen]:
        """Workers with a heartbeat in the last ten minutes."""
        return self.store.registry.workers()
