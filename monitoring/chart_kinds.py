"""The kinds of charts there are: their series, their units, and how a figure comes from what history keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from jobs.store import histogram
from jobs.store.history_bucket import Gauges, HistoryBucket, PoolGauge
from jobs.store.sampler import POOL_LENGTH

SHARES: Final = (0.5, 0.95, 0.99)
PERCENTILES: Final = ("p50", "p95", "p99")
WORKERS: Final = "workers"
WORKER_SERIES: Final = ("desired", "current", "busy", "idle", "draining")

Figures = Sequence[float | None]


class Point(msgspec.Struct, frozen=True):
    """What was recorded of one step of a chart, one or more buckets, and of how many seconds of it."""

    buckets: Sequence[HistoryBucket]
    seconds: int

    @property
    def gauges(self) -> list[Gauges]:
        """What was seen in it; nothing where nobody looked."""
        return [each.gauges for each in self.buckets if each.gauges is not None]


class ChartKind(msgspec.Struct, frozen=True):
    """The names of its series, their unit, and a function from a point to a figure for each. None is a gap."""

    unit: str
    series: tuple[str, ...]
    figures: Callable[[Point], Figures]


def chart_kind(name: str) -> ChartKind:
    """The kind with this name; `workers:<pool>` is `workers` of one pool. Raises ValueError."""
    word, _, pool = name.partition(":")
    if word == WORKERS and 0 < len(pool) <= POOL_LENGTH:
        return ChartKind(WORKERS, WORKER_SERIES, lambda point: _pool(point, pool))
    try:
        return KINDS[name]
    except KeyError:
        raise ValueError(f"there is no chart {name[:40]!r}: give some of {', '.join(KINDS)}") from None


def is_of_workers(name: str) -> bool:
    """Whether a chart is about workers, which serve more than one queue: it is the same for all of them."""
    return name.partition(":")[0] == WORKERS


def _rates(*names: str) -> Callable[[Point], Figures]:
    def figures(point: Point) -> Figures:
        return [round(sum(getattr(each, name) for each in point.buckets) / point.seconds, 3) for name in names]

    return figures


def _highest(*names: str) -> Callable[[Point], Figures]:
    def figures(point: Point) -> Figures:
        gauges = point.gauges
        return [max((getattr(each, name) for each in gauges), default=None) for name in names]

    return figures


def _percentiles(name: str) -> Callable[[Point], Figures]:
    def figures(point: Point) -> Figures:
        total = histogram.total_of(getattr(each, name) for each in point.buckets)
        return histogram.quantiles(total, SHARES) or (None,) * len(SHARES)

    return figures


def _workers(point: Point) -> Figures:
    gauges = point.gauges
    if not gauges:
        return (None,) * len(WORKER_SERIES)
    pools = list(gauges[-1].pools.values())
    desired = [pool.desired for pool in pools if pool.desired is not None]
    total = PoolGauge(
        sum(desired) if desired else None,
        sum(pool.idle for pool in pools),
        sum(pool.busy for pool in pools),
        sum(pool.draining for pool in pools),
    )
    return _of_pool(total)


def _pool(point: Point, name: str) -> Figures:
    gauges = point.gauges
    found = gauges[-1].pools.get(name) if gauges else None
    return (None,) * len(WORKER_SERIES) if found is None else _of_pool(found)


def _of_pool(pool: PoolGauge) -> Figures:
    return pool.desired, pool.current, pool.busy, pool.idle, pool.draining


KINDS: Final = {
    "throughput": ChartKind(
        "/s", ("in", "completed", "failed", "dead"), _rates("arrived", "completed", "failed", "dead")
    ),
    "depth": ChartKind("jobs", ("high", "normal", "low"), _highest("high", "normal", "low")),
    "latency": ChartKind("ms", ("oldest",), _highest("oldest_ms")),
    "wait": ChartKind("ms", PERCENTILES, _percentiles("wait")),
    "processing": ChartKind("ms", PERCENTILES, _percentiles("processing")),
    "active": ChartKind("jobs", ("active", "scheduled", "retrying"), _highest("active", "scheduled", "retrying")),
    WORKERS: ChartKind(WORKERS, WORKER_SERIES, _workers),
}
