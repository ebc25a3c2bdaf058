"""Looks at pools: makes the Observation of each from what the store knows."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Final

import msgspec

from jobs.store.glance import Figures
from jobs.store.queue_view import QueueView
from jobs.store.registry import Seen
from jobs.store.scaling import Kept, Movement, bucket_number
from jobs.store.store import Store

from .memo import Memo, read_memo
from .observation import Due, Observation, Rates
from .service import mean_service
from .surroundings import Surroundings

BUCKET: Final = 10.0  # seconds
LONG: Final = 30  # buckets that the longest rate is about, with the one that is not over
AHEAD: Final = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0)  # seconds
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
        self._counted: dict[tuple[tuple[str, ...], int], Movement] = {}
        self._usual: dict[tuple[str, ...], tuple[float, float | None]] = {}

    def look(self) -> Surroundings:
        """The installation now. Raises StoreError."""
        registry = self._store.registry
        return Surroundings(self._store.glance.figures(), registry.workers(), registry.spoken_for())

    def observe(self, pool: str, around: Surroundings, kept: Kept, obey: float = OBEY) -> tuple[Observation, Memo]:
        """One pool as it is now, and what is to be remembered of it. Raises StoreError.

        The pool has at least `obey` seconds to follow what was decided.
        """
        alive, figures = around.of(pool), around.figures
        memo = _measured(_seen(read_memo(kept.memory), alive, around.queues_of(pool)), alive, kept)
        views = [view for view in figures.queues if view.name in memo.queues]
        queues = tuple(sorted(view.name for view in views))
        waiting, oldest = _waiting(views)
        moved, seconds = self._movements(queues, figures.now_ms)
        patience = max(obey, STARTS * (memo.startup or 0.0))
        memo = _strayed(memo, alive, kept, around.at, patience)
        workers, starting, draining = _crew(alive, kept, around.at, patience)
        lately = moved[-6:]
        ended = sum(each.completed + each.failed for each in lately)
        observation = Observation(
            at=around.at,
            workers=workers,
            starting=starting,
            draining=draining,
            slots=memo.slots or self._store.config.worker_concurrency,
            waiting=waiting,
            active=sum(max(0, view.counts["active"]) for view in views),
            oldest_age=oldest,
            arrivals=_rates([each.arrived for each in moved], seconds),
            completions=_rates([each.completed + each.dead for each in moved], seconds),
            due=self._due(figures, queues),
            service_time=_service_time(lately) or _service_time(moved),
            usual_service_time=self._usual_time(queues),
            error_rate=sum(each.failed for each in lately) / ended if ended else None,
            startup_time=memo.startup,
        )
        return observation, memo

    def _movements(self, queues: tuple[str, ...], now_ms: int) -> tuple[list[Movement], float]:
        """The last thirty buckets, the newest, which is not over, last; and how many seconds old that one is."""
        current = bucket_number(now_ms)
        numbers = range(current - LONG + 1, current + 1)
        known = {number: self._counted.get((queues, number)) for number in numbers}
        missing = [number for number, found in known.items() if found is None]
        fresh = dict(zip(missing, self._store.scaling.movements(queues, missing), strict=True))
        edge = numbers[0]
        self._counted = {key: value for key, value in self._counted.items() if key[1] >= edge}
        self._counted |= {((queues, number)): found for number, found in fresh.items() if number < current - 1}
        return [known[number] or fresh[number] for number in numbers], now_ms / 1000 - current * BUCKET

    def _due(self, figures: Figures, queues: Sequence[str]) -> tuple[Due, ...]:
        """Jobs that are put off, of all queues in step with what these queues have of them."""
        put_off = {
            view.name: max(0, view.counts["scheduled"]) + max(0, view.counts["retrying"]) for view in figures.queues
        }
        own, every = sum(put_off[name] for name in queues), sum(put_off.values())
        if not own:
            return ()
        found = self._store.scaling.due(figures.now_ms, AHEAD)
        return tuple(Due(ahead, round(jobs * own / every)) for ahead, jobs in zip(AHEAD, found, strict=True) if jobs)

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


def _seen(memo: Memo, alive: Sequence[Seen], queues: frozenset[str]) -> Memo:
    """The memo with the queues that the pool is said to serve, and with the slots of the workers that live."""
    slots = max((seen.info.concurrency for seen in alive), default=memo.slots)
    return msgspec.structs.replace(memo, queues=tuple(sorted(queues)) or memo.queues, slots=slots)


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


def _waiting(views: Sequence[QueueView]) -> tuple[int, float]:
    """How many jobs can be claimed, and how long (s) the one has waited that waits longest: not in paused queues."""
    can_claim = [view for view in views if not view.paused]
    depth = sum(sum(view.depth.values()) for view in can_claim)
    return depth, max((view.oldest_ms for view in can_claim), default=0) / 1000


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


def _rates(counts: Sequence[int], running: float) -> Rates:
    """Jobs a second; `counts` of buckets, of which the last is `running` seconds old."""

    def over(buckets: int) -> float:
        return sum(counts[-buckets:]) / ((buckets - 1) * BUCKET + max(running, 0.0))

    return Rates(over(2), over(6), over(LONG))


def _service_time(moved: Sequence[Movement]) -> float | None:
    completed = sum(each.completed for each in moved)
    return mean_service(sum(each.busy_ms for each in moved) / 1000, completed)
