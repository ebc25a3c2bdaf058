"""How a pool moved: workers, load and latency over time, as columns, from two sources.

The scaler's record has what it saw itself, of the last hour and a half at best; the history of the installation has
pools and queues for a week, whoever decided. None is a gap: nobody recorded that time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from jobs.store import histogram
from jobs.store.history import ALL, RINGS, Slice
from jobs.store.history_bucket import Gauges
from jobs.store.scaling import Kept
from jobs.store.store import Store
from scaling.memo import read_memo
from scaling.record import Step, read_steps

MOST_QUEUES: Final = 20  # whose history is read; of more there is what the scaler's record has
SOON: Final = 60.0  # seconds within which a job that is put off counts as due soon


class Span(msgspec.Struct, frozen=True):
    """The resolution that a range is read at and the step of its points (s), and how many points it has."""

    seconds: int
    step: int
    points: int


SPANS: Final = {
    "1h": Span(10, 10, 360),
    "6h": Span(60, 60, 360),
    "24h": Span(60, 240, 360),
    "7d": Span(600, 1800, 336),
}


class Point(msgspec.Struct):
    """One step: workers, load and latency (ms), each as the highest that was seen in it."""

    desired: int | None = None
    current: int | None = None
    queued: int | None = None
    running: int | None = None
    due: int | None = None
    latency: int | None = None


class Timeline(msgspec.Struct, frozen=True):
    """`times` (s since 1970), a point each; `waits` counts how long the jobs waited that ended (in hand)."""

    step: int
    times: Sequence[int]
    points: Sequence[Point]
    waits: int


def timeline(store: Store, pool: str, span: Span) -> Timeline:
    """How a pool moved in a range up to now. Raises StoreError."""
    now, kept = store.reader.now_ms() // 1000, store.scaling.kept(pool, model=False)
    last = now // span.step * span.step
    times = range(last - (span.points - 1) * span.step, last + 1, span.step)
    points = {at: Point() for at in times}
    most = span.points * span.step // span.seconds
    for each in store.history.timeline(ALL, span.seconds, most, now + 1):
        _take_pool(points.get(each.start // span.step * span.step), each.bucket.gauges, pool)
    waits: list[bytes] = []
    for queue in _queues(store, kept):
        slices = store.history.timeline(queue, span.seconds, most, now + 1)
        _take_queue(points, slices, span.step)
        waits += [each.bucket.wait for each in slices]
    _take_record(points, steps_of(kept), span.step)
    end = next((at for at in range(len(times) - 1, -1, -1) if points[times[at]] != Point()), len(times) - 1)
    shown = times[: end + 1] if end >= len(times) - 3 else times
    return Timeline(span.step, shown, [points[at] for at in shown], histogram.total_of(waits))


def waits_of(store: Store, kept: Kept, seconds: int) -> int:
    """How long the jobs of a pool waited that ended in the last so many seconds, at least 10 (a histogram in hand)."""
    now, finest = store.reader.now_ms() // 1000, min(RINGS)
    slices = [store.history.timeline(queue, finest, seconds // finest, now + 1) for queue in _queues(store, kept)]
    return histogram.total_of(part.bucket.wait for each in slices for part in each)


def steps_of(kept: Kept) -> list[Step]:
    """The record of a pool as far as it can be read, oldest first."""
    return read_steps(kept.steps)


def due_soon(step: Step) -> int:
    """How many jobs that are put off it saw become claimable within SOON."""
    return step.observation.due_within(SOON)


def _queues(store: Store, kept: Kept) -> Sequence[str]:
    """The queues that the pool serves; all of them as one where it serves all, none where nobody knows."""
    known, served = set(store.reader.queue_names()), set(read_memo(kept.memory).queues)
    if known <= served:
        return [ALL]
    chosen = sorted(known & served)
    return chosen if len(chosen) <= MOST_QUEUES else []


def _take_pool(point: Point | None, gauges: Gauges | None, pool: str) -> None:
    found = gauges.pools.get(pool) if gauges else None
    if point is not None and found is not None:
        point.desired = _higher(point.desired, found.desired)
        point.current = _higher(point.current, found.current)


def _take_queue(points: dict[int, Point], slices: Sequence[Slice], step: int) -> None:
    """Add the highest that was there of one queue in each step."""
    found: dict[int, list[Gauges]] = {}
    for each in slices:
        if each.bucket.gauges is not None:
            found.setdefault(each.start // step * step, []).append(each.bucket.gauges)
    for at, gauges in found.items():
        if point := points.get(at):
            point.queued = (point.queued or 0) + max(each.high + each.normal + each.low for each in gauges)
            point.running = (point.running or 0) + max(each.active for each in gauges)
            point.latency = max(point.latency or 0, *(each.oldest_ms for each in gauges))


def _take_record(points: dict[int, Point], steps: Sequence[Step], step: int) -> None:
    """Put what the scaler saw before what was counted: it passes over queues that are paused."""
    found: dict[int, list[Step]] = {}
    for each in steps:
        found.setdefault(int(each.observation.at) // step * step, []).append(each)
    for at, seen in found.items():
        if point := points.get(at):
            sights = [each.observation for each in seen]
            point.queued = max(sight.waiting for sight in sights)
            point.running = max(sight.active for sight in sights)
            point.latency = round(max(sight.oldest_age for sight in sights) * 1000)
            point.due = max(map(due_soon, seen))
            if point.current is None:
                point.desired = max(each.decided for each in seen)
                point.current = max(sight.workers + sight.draining for sight in sights)


def _higher(one: int | None, other: int | None) -> int | None:
    return max((each for each in (one, other) if each is not None), default=None)
