"""Looks at pools: makes the Observation of each from what the store knows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Final

import msgspec

from jobs.store.queue_view import QueueView
from jobs.store.registry import Seen
from jobs.store.scaling import Kept, bucket_number
from jobs.store.store import Store

from .flows import Flow, Flows
from .memo import Memo, read_memo
from .observation import Due, Observation, Rates
from .service import mean_service
from .surroundings import Surroundings

BUCKET: Final = 10.0  # seconds
LONG: Final = 30  # buckets that the longest rate is about, with the one that is not over
LATELY: Final = 6  # of them: what service times and errors are about
AHEAD: Final = (5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 60.0, 120.0, 300.0)  # seconds
OBEY: Final = 30.0  # seconds that a pool has to become as large as it should be, and at least
STARTS: Final = 2.0  # start-up times that it has
LONGEST_STARTUP: Final = 600.0  # seconds after a growth in which a worker still comes of it
USUAL_SECONDS: Final = 60  # resolution of the history that says how long jobs usually take
USUAL_BUCKETS: Final = 1440
USUAL_EVERY: Final = 60.0
SMOOTH: Final = 0.5  # weight of the newest start-up time


class Observer:
    """Remembers what is over and does not change; forgets nothing that matters when it starts anew."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._flows = Flows(store)
        self._soon: tuple[int, Mapping[str, Sequence[int]]] = (0, {})
        self._usual: dict[tuple[str, ...], tuple[float, float | None]] = {}

    def look(self) -> Surroundings:
        """The installation now. Raises StoreError."""
        registry = self._store.registry
        return Surroundings.of_all(self._store.glance.figures(), registry.workers(), registry.spoken_for())

    def observe(self, pool: str, around: Surroundings, kept: Kept, obey: float = OBEY) -> tuple[Observation, Memo]:
        """One pool as it is now, and what is to be remembered of it. Raises StoreError.

        The pool has at least `obey` seconds to follow what was decided.
        """
        alive, figures = around.of(pool), around.figures
        memo = read_memo(kept.memory) if kept.memory else Memo(since=around.at)
        memo = _measured(_seen(memo, alive, around.served.get(pool)), alive, kept)
        views = [view for view in figures.queues if view.name in memo.queues]
        parts = around.parts(pool, sorted(view.name for view in views))
        waiting, oldest = waiting_of(views, parts)
        moved, seconds = self._moved(parts, views, figures.now_ms)
        patience = max(obey, STARTS * (memo.startup or 0.0))
        memo = _strayed(memo, alive, kept, around.at, patience)
        workers, starting, draining = _crew(alive, kept, around.at, patience)
        observation = Observation(
            at=around.at,
            workers=workers,
            starting=starting,
            draining=draining,
            slots=memo.slots or self._store.config.worker_concurrency,
            waiting=waiting,
            active=active_of(views, parts, alive),
            oldest_age=oldest,
            arrivals=_rates([each.arrived for each in moved], seconds, around.at - memo.since),
            completions=_rates([each.completed + each.dead for each in moved], seconds, around.at - memo.since),
            due=self._due(figures.now_ms, views, parts),
            service_time=_service_time(moved[-LATELY:]) or _service_time(moved),
            usual_service_time=self._usual_time(tuple(parts)),
            error_rate=_error_rate(moved[-LATELY:]),
            startup_time=memo.startup,
        )
        return observation, memo

    def _moved(self, parts: Mapping[str, int], views: Sequence[QueueView], now_ms: int) -> tuple[list[Flow], float]:
        """The last thirty buckets, the newest, which is not over, last; and how many seconds old that one is."""
        current = bucket_number(now_ms)
        numbers = range(current - LONG + 1, current + 1)
        self._flows.forget(numbers[0])
        paused = {view.name for view in views if view.paused}
        return self._flows.of(parts, numbers, paused), now_ms / 1000 - current * BUCKET

    def _due(self, now_ms: int, views: Sequence[QueueView], parts: Mapping[str, int]) -> tuple[Due, ...]:
        """Jobs that are put off; not those of paused queues and types. Looked at once for all pools."""
        going = [view for view in views if not view.paused]
        if not any(view.counts["scheduled"] > 0 or view.counts["retrying"] > 0 for view in going):
            return ()
        if self._soon[0] != now_ms:
            self._soon = now_ms, self._store.scaling.due(now_ms, AHEAD)
        found = [(self._soon[1][view.name], parts[view.name]) for view in going if view.name in self._soon[1]]
        sums = [_whole(sum(jobs[at] / part for jobs, part in found)) for at in range(len(AHEAD))]
        return tuple(Due(ahead, jobs) for ahead, jobs in zip(AHEAD, sums, strict=True) if jobs)

    def _usual_time(self, queues: tuple[str, ...]) -> float | None:
        """The mean of the last day, read once a minute."""
        made, value = self._usual.get(queues, (float("-inf"), None))
        if monotonic() - made > USUAL_EVERY:
            rings = self._store.history.buckets(queues, USUAL_SECONDS, USUAL_BUCKETS).values()
            buckets = [bucket for ring in rings for bucket in ring]
            completed = sum(bucket.completed for bucket in buckets)
            value = mean_service(sum(bucket.busy_ms for bucket in buckets) / 1000, completed)
            self._usual = {key: kept for key, kept in self._usual.items() if monotonic() - kept[0] < 10 * USUAL_EVERY}
            self._usual[queues] = (monotonic(), value)
        return value


def _seen(memo: Memo, alive: Sequence[Seen], queues: frozenset[str] | None) -> Memo:
    """The memo with the queues that the pool is said to serve, and with the slots of the workers that live."""
    slots = max((seen.info.concurrency for seen in alive), default=memo.slots)
    return msgspec.structs.replace(memo, queues=tuple(sorted(queues or memo.queues)), slots=slots)


def _measured(memo: Memo, alive: Sequence[Seen], kept: Kept) -> Memo:
    """The memo with the time that the workers of the last growth took to come, once it is known."""
    grown = kept.desired is not None and kept.before is not None and kept.desired > kept.before
    if not grown or memo.startup_of == kept.changed_ms:
        return memo
    took = [seen.info.started_ms - kept.changed_ms for seen in alive]
    came = sorted(ms / 1000 for ms in took if 0 < ms < LONGEST_STARTUP * 1000)
    wanted = (kept.desired or 0) - (kept.before or 0)
    if len(came) < wanted:
        return memo
    newest = came[wanted - 1]
    startup = newest if memo.startup is None else memo.startup + SMOOTH * (newest - memo.startup)
    return msgspec.structs.replace(memo, startup=round(startup, 3), startup_of=kept.changed_ms)


def waiting_of(views: Sequence[QueueView], parts: Mapping[str, int]) -> tuple[int, float]:
    """How many jobs can be claimed, and how long (s) the one has waited that waits longest: not in paused queues."""
    can_claim = [view for view in views if not view.paused]
    depth = _whole(sum(sum(view.depth.values()) / parts[view.name] for view in can_claim))
    return depth, max((view.oldest_ms for view in can_claim), default=0) / 1000


def active_of(views: Sequence[QueueView], parts: Mapping[str, int], alive: Sequence[Seen]) -> int:
    """The jobs that the pool has in hand: of a pool that shares a queue, what its own workers say that they run."""
    if any(part > 1 for part in parts.values()):
        return sum(max(0, seen.info.busy) for seen in alive)
    return sum(max(0, view.counts["active"]) for view in views)


def _whole(jobs: float) -> int:
    """A part of some jobs as whole jobs: where there is any, there is one."""
    return math.ceil(round(jobs, 6))


def _strayed(memo: Memo, alive: Sequence[Seen], kept: Kept, now: float, obey: float) -> Memo:
    """The memo with the instant since which the pool has not obeyed.

    Who decides anew meanwhile, by the workers that are there, gives it no time again.
    """
    working = sum(seen.info.status != "draining" for seen in alive)
    if kept.desired is None or working == kept.desired:
        return msgspec.structs.replace(memo, astray=0.0)
    has_had_time = not 0 <= now - kept.changed_ms / 1000 < obey  # nor has a clock that stepped back more to give
    since = min(memo.astray or now, now) if has_had_time or memo.astray else 0.0
    return msgspec.structs.replace(memo, astray=since)


def _crew(alive: Sequence[Seen], kept: Kept, now: float, obey: float) -> tuple[int, int, int]:
    """How many workers claim, will soon, and claim nothing more.

    For `obey` seconds after a change the pool is believed to be about to obey; heartbeats tell of it only later.
    """
    draining = sum(seen.info.status == "draining" for seen in alive)
    working = len(alive) - draining
    if kept.desired is None or not 0 <= now - kept.changed_ms / 1000 < obey:
        return working, 0, draining
    stay = min(working, kept.desired)
    return stay, kept.desired - stay, draining + working - stay


def _rates(counts: Sequence[float], running: float, known: float) -> Rates:
    """Jobs a second; `counts` of buckets, of which the last is `running` seconds old.

    A pool that has been `known` for less long may be one of a store that has just begun: only what was counted says
    that somebody did.
    """

    def over(buckets: int, window: float) -> float | None:
        counted = sum(counts[-buckets:])
        if not counted and 0 <= known < window:
            return None
        return counted / ((buckets - 1) * BUCKET + max(running, 0.0))

    return Rates(over(2, 15.0), over(6, 60.0), over(LONG, 300.0))


def _error_rate(flows: Sequence[Flow]) -> float | None:
    """The share that failed of the executions that ended."""
    failed = sum(each.failed for each in flows)
    ended = failed + sum(each.completed for each in flows)
    return failed / ended if ended else None


def _service_time(moved: Sequence[Flow]) -> float | None:
    return mean_service(sum(each.busy_seconds for each in moved), sum(each.completed for each in moved))
