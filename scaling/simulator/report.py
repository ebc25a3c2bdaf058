"""What came of a simulation."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import msgspec

from .points import Point

FLAP_WITHIN = 300.0


class Change(msgspec.Struct, frozen=True):
    """At `at` seconds the fleet was told to go from so many workers to so many."""

    at: float
    current: int
    target: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Waits in seconds; `late` is the share of jobs that waited longer than the goal, 0 to 1.

    `late_jobs` are the places of those jobs in the order in which they came. `flaps` are growths within five minutes
    after shrinking that took back what had just been given up. `recovery` is the longest time in seconds in which the
    oldest waiting job was over the goal all along. `attempts` are for each success.
    """

    strategy: str
    jobs: int
    p50: float
    p95: float
    p99: float
    late: float
    worker_hours: float
    actions: int
    actions_per_hour: float
    flaps: int
    recovery: float
    attempts: float = 1.0
    late_jobs: Sequence[int] = ()
    points: Sequence[Point] = ()
    changes: Sequence[Change] = ()


def summary(
    strategy: str, waits: Sequence[float], goal: float, cost: float, points: Sequence[Point], changes: Sequence[Change]
) -> Report:
    """The report of a run, from the waits of its jobs and the states of its fleet."""
    ordered = sorted(waits)
    late = array("q", (index for index, wait in enumerate(waits) if wait > goal))
    hours = (points[-1].at - points[0].at) / 3600 if len(points) > 1 else 0.0
    return Report(
        strategy=strategy,
        jobs=len(ordered),
        p50=_quantile(ordered, 0.50),
        p95=_quantile(ordered, 0.95),
        p99=_quantile(ordered, 0.99),
        late=len(late) / max(len(ordered), 1),
        worker_hours=cost / 3600,
        actions=len(changes),
        actions_per_hour=len(changes) / hours if hours else 0.0,
        flaps=_flaps(changes),
        recovery=_recovery(points, goal),
        late_jobs=late,
        points=points,
        changes=changes,
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def _flaps(changes: Sequence[Change]) -> int:
    flaps, last_down = 0, None
    for change in changes:
        if change.target < change.current:
            last_down = change
        elif last_down is not None and change.at - last_down.at < FLAP_WITHIN:
            flaps += change.target >= last_down.current
            last_down = None
    return flaps


def _recovery(points: Sequence[Point], goal: float) -> float:
    longest, since = 0.0, None
    for point in points:
        if point.wait <= goal:
            since = None
        else:
            since = point.at if since is None else since
            longest = max(longest, point.at - since)
    return longest
