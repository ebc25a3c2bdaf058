"""The kinds of charts there are: their series, their units, and how a figure comes from what history keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from jobs.store import histogram
from jobs.store.history_bucket import Gauges, HistoryBucket, PoolGauge

SHARES: Final = (0.5, 0.95, 0.99)
PERCENTILES: Final = ("p50", "p95", "p99")
WORKERS: Final = "workers"

Figures = Sequence[float | None]


class Point(msgspec.Struct, frozen=True):
    """What was recorded of one step of a chart, and of how many seconds of it."""

    bucket: HistoryBucket
    seconds: int


class ChartKind(msgspec.Struct, frozen=True):
    """The names of its series, their unit, and a function from a point to a figure for each. None is a gap."""

    unit: str
    series: tuple[str, ...]
    figures: Callable[[Point], Figures]


def chart_kind(name: str) -> ChartKind:
    """The kind with this name; `workers:<pool>` is `workers` of one pool. Raises ValueError."""
    word, _, pool = name.partition(":")
    if word == WORKERS and pool:
        return ChartKind(WORKERS, KINDS[WORKERS].series, lambda point: _pool(point, pool))
    try:
        return KINDS[name]
    except KeyError:
        raise ValueError(f"there is no chart {name[:40]!r}: give some of {', '.join(KINDS)}") from None


def is_of_workers(name: str) -> bool:
    """Whether a chart is about workers, which serve more than one queue: it is the same for all of them."""
    return name.partition(":")[0] == WORKERS


def _throughput(point: Point) -> Figures:
    bucket = point.bucket
    counts = (bucket.arrived, bucket.completed, bucket.failed, bucket.dead)
    return [round(count / point.seconds, 3) for count in counts]


def _gauge(read: Callable[[Gauges], Figures], width: int) -> Callable[[Point], Figures]:
    nothing: Figures = (None,) * width
    return lambda point: nothing if point.bucket.gauges is None else read(point.bucket.gauges)


def _percentiles(at_rest: bytes) -> Figures:
    return histogram.quantiles(histogram.total_of((at_rest,)), SHARES) or (None,) * len(SHARES)


def _workers(gauges: Gauges) -> Figures:
    pools = list(gauges.pools.values())
    desired = [pool.desired for pool in pools if pool.desired is not None]
    total = PoolGauge(
        sum(desired) if desired else None,
        sum(pool.idle for pool in pools),
        sum(pool.busy for pool in pools),
        sum(pool.draining for pool in pools),
    )
    return _of_pool(total)


def _pool(point: Point, name: str) -> Figures:
    gauges = point.bucket.gauges
    found = gauges.pools.get(name) if gauges else None
    return (None,) * 5 if found is None else _of_pool(found)


def _of_pool(pool: PoolGauge) -> Figures:
    return pool.desired, pool.current, pool.busy, pool.idle, pool.draining


KINDS: Final = {
    "throughput": ChartKind("/s", ("in", "completed", "failed", "dead"), _throughput),
    "depth": ChartKind("jobs", ("high", "normal", "low"), _gauge(lambda each: (each.high, each.normal, each.low), 3)),
    "latency": ChartKind("ms", ("oldest",), _gauge(lambda each: (each.oldest_ms,), 1)),
    "wait": ChartKind("ms", PERCENTILES, lambda point: _percentiles(point.bucket.wait)),
    "processing": ChartKind("ms", PERCENTILES, lambda point: _percentiles(point.bucket.processing)),
    "active": ChartKind(
        "jobs", ("active", "scheduled", "retrying"),
        _gauge(lambda each: (each.active, each.scheduled, each.retrying), 3),
    ),
    WORKERS: ChartKind(WORKERS, ("desired", "current", "busy", "idle", "draining"), _gauge(_workers, 5)),
}  # fmt: skip
