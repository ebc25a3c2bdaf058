"""Writes the history of pools: what each minute counted, and what was seen of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

import msgspec

from jobs.errors import StoreSpoilt
from jobs.logs import get_logger
from jobs.maintenance.leadership import Leadership
from jobs.store.pace import BUCKET_MS
from jobs.store.pool_minute import Minute, shares
from jobs.store.registry import Seen
from jobs.store.store import Store

from .flows import Flows
from .memo import read_memo
from .observer import active_of, waiting_of
from .surroundings import Surroundings

log = get_logger(__name__)
MINUTE: Final = 60
BUCKETS: Final = range(MINUTE * 1000 // BUCKET_MS)
LATEST: Final = 300  # seconds after its end at which a minute can still be counted
EVERY: Final = 1  # seconds between two looks that count


class Glimpse(msgspec.Struct, frozen=True):
    """A pool at one look: see Minute. `queues` are those that it serves, and among how many pools each is divided."""

    queues: dict[str, int]
    paused: frozenset[str]
    depth: int
    active: int
    latency: float
    workers: int
    slots: int
    desired: int | None


class Chronicle:
    """Closes each minute at the first look after it. Counters come from the store, so that a new leader has them whole.

    A minute in which nobody looked, or that could not be written within five minutes, stays a gap.
    """

    def __init__(self, store: Store, leadership: Leadership) -> None:
        self._store = store
        self._leadership = leadership
        self._known: dict[str, tuple[tuple[str, ...], int]] = {}
        self._open: dict[str, list[Glimpse]] = {}
        self._minute: int | None = None
        self._last = 0.0

    def note(self, pools: Iterable[str], around: Surroundings, desired: Mapping[str, int | None]) -> None:
        """Remember what is there now, and write the minute that is over. Raises StoreError and NotLeading."""
        now = around.at
        if self._minute is not None and now // MINUTE != self._minute:
            self._close(self._minute, now)
        elif self._minute is not None and 0 <= now - self._last < EVERY:
            return
        self._minute, self._last = int(now // MINUTE), now
        for pool in pools:
            with suppress(StoreSpoilt):  # which whoever decides for the pool has met too, and told
                glimpse = self._glimpse(pool, around, desired.get(pool))
                self._open.setdefault(pool, []).append(glimpse)

    def _glimpse(self, pool: str, around: Surroundings, desired: int | None) -> Glimpse:
        alive = [seen for seen in around.workers if seen.alive and seen.info.pool == pool]
        queues, slots = self._serves(pool, alive, around.served.get(pool))
        views = [view for view in around.figures.queues if view.name in queues]
        parts = around.parts(pool, [view.name for view in views])
        depth, latency = waiting_of(views, parts)
        return Glimpse(
            queues=parts,
            paused=frozenset(view.name for view in views if view.paused),
            depth=depth,
            active=active_of(views, parts, alive),
            latency=max(0.0, latency),
            workers=sum(seen.info.status != "draining" for seen in alive),
            slots=slots,
            desired=desired,
        )

    def _serves(self, pool: str, alive: list[Seen], queues: frozenset[str] | None) -> tuple[tuple[str, ...], int]:
        """The queues of a pool and the slots of its workers, as they were last; no queues while nobody knows them."""
        if pool not in self._known:
            memo = read_memo(self._store.scaling.kept(pool, steps=0, model=False).memory)
            self._known[pool] = memo.queues, memo.slots or self._store.config.worker_concurrency
        before, slots = self._known[pool]
        slots = max((seen.info.concurrency for seen in alive), default=slots)
        self._known[pool] = tuple(sorted(queues or before)), slots
        return self._known[pool]

    def _close(self, minute: int, now: float) -> None:
        """Write what is open. Where the clock was put back, the minute is as long as it was at the last look."""
        start = minute * MINUTE
        seconds = MINUTE if now >= start else min(MINUTE, max(1, round(self._last - start)))
        while self._open:
            pool, seen = next(iter(self._open.items()))
            if now - start - MINUTE <= LATEST:
                try:
                    self._write(pool, start, seconds, seen)
                except StoreSpoilt as error:
                    log.warning("a minute of a pool's history is lost", pool=pool, error=str(error))
            del self._open[pool]

    def _write(self, pool: str, start: int, seconds: int, seen: list[Glimpse]) -> None:
        last = seen[-1]
        numbers = [start * 1000 // BUCKET_MS + at for at in BUCKETS]
        moved = Flows(self._store).of(last.queues, numbers, last.paused)
        looks = len(seen)
        minute = Minute(
            start=start,
            seconds=seconds,
            looks=looks,
            arrived=round(sum(each.arrived for each in moved)),
            shares=shares([each.arrived for each in moved]),
            completed=round(sum(each.completed for each in moved)),
            failed=round(sum(each.failed for each in moved)),
            busy_seconds=sum(each.busy_seconds for each in moved),
            depth=sum(each.depth for each in seen) / looks,
            depth_max=max(each.depth for each in seen),
            active=sum(each.active for each in seen) / looks,
            latency=sum(each.latency for each in seen) / looks,
            latency_max=max(each.latency for each in seen),
            workers=sum(each.workers for each in seen) / looks,
            slots=last.slots,
            desired=last.desired,
        )
        self._store.pool_history.keep(self._leadership.duty, self._leadership.token, pool, minute)
