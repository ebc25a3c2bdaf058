"""What history keeps of one stretch of time: counters, histograms, and gauges as they were at its end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from . import histogram


class PoolGauge(msgspec.Struct, frozen=True, array_like=True):
    """The workers of a pool: how many it should have (None = never said), and those alive by status."""

    desired: int | None = None
    idle: int = 0
    busy: int = 0
    draining: int = 0

    @property
    def current(self) -> int:
        """The workers that are alive."""
        return self.idle + self.busy + self.draining


class Gauges(msgspec.Struct, frozen=True, array_like=True):
    """Pending jobs by priority, the age of the oldest (ms), jobs in other states, the pools (in the ring of all)."""

    high: int = 0
    normal: int = 0
    low: int = 0
    oldest_ms: int = 0
    active: int = 0
    scheduled: int = 0
    retrying: int = 0
    pools: dict[str, PoolGauge] = {}


class HistoryBucket(msgspec.Struct, frozen=True, array_like=True):
    """One stretch of time of one queue, or of all. Its layout is that in the store: append only.

    `number` counts stretches of its length since 1970. `busy_ms` adds up the processing times of completed jobs; `wait`
    and `processing` are histograms at rest of executions that completed or failed. `gauges` None: nobody looked,
    for example while no maintenance ran.
    """

    number: int
    arrived: int = 0
    completed: int = 0
    failed: int = 0
    dead: int = 0
    busy_ms: int = 0
    wait: bytes = b""
    processing: bytes = b""
    gauges: Gauges | None = None

    @property
    def is_idle(self) -> bool:
        """Nothing happened and nothing was there."""
        counted = self.arrived or self.completed or self.failed or self.dead
        return not counted and self.gauges in (None, Gauges())


def merged(number: int, buckets: Sequence[HistoryBucket]) -> HistoryBucket:
    """Consecutive buckets as one: counters add up, gauges are the highest seen, pools as they were at their largest."""
    return HistoryBucket(
        number,
        sum(each.arrived for each in buckets),
        sum(each.completed for each in buckets),
        sum(each.failed for each in buckets),
        sum(each.dead for each in buckets),
        sum(each.busy_ms for each in buckets),
        histogram.at_rest(histogram.total_of(each.wait for each in buckets)),
        histogram.at_rest(histogram.total_of(each.processing for each in buckets)),
        _highest([each.gauges for each in buckets if each.gauges is not None]),
    )


def added(gauges: Iterable[Gauges], pools: dict[str, PoolGauge] | None = None) -> Gauges:
    """What there is in several places together, and the age of the oldest of all."""
    found = list(gauges)
    return Gauges(
        sum(each.high for each in found),
        sum(each.normal for each in found),
        sum(each.low for each in found),
        max((each.oldest_ms for each in found), default=0),
        sum(each.active for each in found),
        sum(each.scheduled for each in found),
        sum(each.retrying for each in found),
        pools or {},
    )


def _highest(gauges: Sequence[Gauges]) -> Gauges | None:
    if not gauges:
        return None
    return Gauges(
        max(each.high for each in gauges),
        max(each.normal for each in gauges),
        max(each.low for each in gauges),
        max(each.oldest_ms for each in gauges),
        max(each.active for each in gauges),
        max(each.scheduled for each in gauges),
        max(each.retrying for each in gauges),
        {name: _largest(gauges, name) for each in gauges for name in each.pools},
    )


def _largest(gauges: Sequence[Gauges], pool: str) -> PoolGauge:
    """A pool with the most workers that it had, and the most that it should have had."""
    seen = [each.pools[pool] for each in gauges if pool in each.pools]
    desired = max((each.desired for each in seen if each.desired is not None), default=None)
    return msgspec.structs.replace(max(seen, key=lambda each: each.current), desired=desired)
