"""What the charts show: a range of time of one queue or of all, as columns for a plotting library.

A point stands for `step` seconds from its `t` on. The ten seconds that are not over yet are in none, so the newest
point of a longer step grows until it is full. None is a gap: nobody recorded that time or, for percentiles, no
execution ended in it.

Throughput is in jobs per second and exact. Percentiles are those of all executions that completed or failed in
the step, from merged histograms: nearest rank, at most 8.7 % beside the true value (1 ms, below 2 ms). Depth, latency
and active are the highest that were seen in the step, with a look every ten seconds; workers are as they were last in
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from jobs.store.history import ALL, Slice
from jobs.store.store import Store

from .chart_kinds import Point, chart_kind, is_of_workers

Column = list[float | None]
LATE_SECONDS: Final = 30  # after which the missing end of a chart is shown as a gap
CLOSED_AFTER: Final = 1  # second


class Range(msgspec.Struct, frozen=True):
    """The resolution a range is read at and the step of its points (s), and how many points it has."""

    seconds: int
    step: int
    points: int


RANGES: Final = {
    "5m": Range(10, 10, 30),
    "1h": Range(10, 10, 360),
    "6h": Range(60, 60, 360),
    "24h": Range(60, 240, 360),
    "7d": Range(600, 1800, 336),
}


class ChartMark(msgspec.Struct, frozen=True):
    """Something on the time axis at `t` (s): of kind `deploy`, the first worker with the release `text`."""

    t: float
    kind: str
    text: str


class Charts(msgspec.Struct, frozen=True, rename={"start": "from"}):
    """Charts over the same points: on the wire `{"range", "step", "from", "queue", "t", "series", "units", "marks"}`.

    `t` holds the start of each point in s since 1970, `step` s apart, from `from` on. `series[chart][name]` is a column
    as long as `t`, `units[chart]` its unit. What `points_since` gives begins with the first point that may have
    changed: replace the points that have the same `t`, append the others.
    """

    range: str
    step: int
    start: int
    queue: str | None
    t: list[int]
    series: dict[str, dict[str, Column]]
    units: dict[str, str]
    marks: list[ChartMark]


class Chart(msgspec.Struct, frozen=True):
    """One chart: `series[name]` is a column as long as `t` (s since 1970)."""

    name: str
    unit: str
    step: int
    t: list[int]
    series: dict[str, Column]


def chart(store: Store, name: str, queue: str | None, span: str) -> Chart:
    """One chart over one of RANGES, of a queue or (None) of all. Raises ValueError, StoreError."""
    found = charts(store, [name], queue, span)
    return Chart(name, found.units[name], found.step, found.t, found.series[name])


def charts(store: Store, names: Sequence[str], queue: str | None, span: str) -> Charts:
    """Several charts over the same range: one read of the store. Raises ValueError, StoreError."""
    return _charts(store, names, queue, span, 0)


def points_since(store: Store, names: Sequence[str], queue: str | None, since: float, span: str = "1h") -> Charts:
    """The points of a range from the one on that holds the instant `since` (s since 1970): what to add to a chart.

    Ask with the last `t` you have. Reads little when that is recent. Raises ValueError, StoreError.
    """
    return _charts(store, names, queue, span, int(since))


def range_of(span: str) -> Range:
    """The range with this name. Raises ValueError."""
    try:
        return RANGES[span]
    except KeyError:
        raise ValueError(f"there is no range {span[:40]!r}: give one of {', '.join(RANGES)}") from None


def _charts(store: Store, names: Sequence[str], queue: str | None, span: str, since: int) -> Charts:
    kinds, wanted = {name: chart_kind(name) for name in names}, range_of(span)
    now = store.reader.now_ms() // 1000
    buckets = min(wanted.points * wanted.step, max(0, now - since) + wanted.step) // wanted.seconds
    lines = {
        line: store.history.timeline(line, wanted.seconds, buckets + wanted.step // wanted.seconds, now)
        for line in dict.fromkeys(_line(name, queue) for name in names)
    }
    edge = max((_edge(slices, now) for slices in lines.values()), default=now)
    last = (edge - 1) // wanted.step * wanted.step
    first = max(last - (wanted.points - 1) * wanted.step, since // wanted.step * wanted.step)
    times = list(range(first, last + 1, wanted.step))
    points = {line: _points(slices, wanted.step, times) for line, slices in lines.items()}
    series = {}
    for name, kind in kinds.items():
        gap = (None,) * len(kind.series)
        rows = [kind.figures(point) if point else gap for point in points[_line(name, queue)]]
        columns = zip(*rows, strict=True) if rows else [()] * len(kind.series)
        series[name] = {label: list(column) for label, column in zip(kind.series, columns, strict=True)}
    units = {name: kind.unit for name, kind in kinds.items()}
    marks = [ChartMark(mark.at_ms / 1000, mark.kind, mark.text) for mark in store.history.marks(first * 1000)]
    return Charts(span, wanted.step, first, queue, times, series, units, marks)


def _line(name: str, queue: str | None) -> str:
    return ALL if queue is None or is_of_workers(name) else queue


def _edge(slices: Sequence[Slice], now: int) -> int:
    """Where the chart ends: with the newest bucket, or with what should be there by now if that is late."""
    expected = (now - CLOSED_AFTER) // 10 * 10
    if slices and expected - slices[-1].end <= LATE_SECONDS:
        return slices[-1].end
    return expected


def _points(slices: Sequence[Slice], step: int, times: Sequence[int]) -> list[Point | None]:
    """What was recorded of each step; None where nothing was."""
    steps: dict[int, list[Slice]] = {start: [] for start in times}
    for each in slices:
        steps.setdefault(each.start // step * step, []).append(each)
    return [_point(steps[start]) for start in times]


def _point(slices: Sequence[Slice]) -> Point | None:
    return Point([each.bucket for each in slices], sum(each.covered for each in slices)) if slices else None
