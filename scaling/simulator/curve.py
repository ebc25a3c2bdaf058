"""The course of a simulation in few points."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from .points import Point
from .report import Report
from .workload import Workload

MOST_POINTS: Final = 400


class Curve(msgspec.Struct, frozen=True):
    """At most MOST_POINTS stretches of equal length, a column each: when it begins in seconds, the mean of the workers
    and of the load (jobs that wait or run) in it, and the share of the jobs which came in it that were late, 0 to 1."""

    at: Sequence[float] = ()
    workers: Sequence[float] = ()
    load: Sequence[float] = ()
    late: Sequence[float] = ()

    def wire(self) -> dict[str, Any]:
        """The columns as JSON has them; `at` in milliseconds from the start, `late` in per cent."""
        return {
            "at": [round(value * 1000) for value in self.at],
            "workers": [round(value, 2) for value in self.workers],
            "load": [round(value, 2) for value in self.load],
            "latePercent": [round(value * 100, 2) for value in self.late],
        }


def curve(jobs: Workload, report: Report) -> Curve:
    """The curve of a report of these jobs."""
    found = list(_stretches(report.points))
    if not found:
        return Curve()
    starts = [points[0].at for points in found]
    edges = [bisect_left(jobs.arrivals, at) for at in starts] + [len(jobs.arrivals)]
    late = [bisect_left(report.late_jobs, edge) for edge in edges]
    return Curve(
        at=starts,
        workers=[sum(point.workers for point in points) / len(points) for points in found],
        load=[sum(point.load for point in points) / len(points) for points in found],
        late=[
            (late[index + 1] - late[index]) / max(edges[index + 1] - edges[index], 1) for index in range(len(starts))
        ],
    )


def _stretches(points: Sequence[Point]) -> Iterator[Sequence[Point]]:
    size = -(-len(points) // MOST_POINTS)
    for start in range(0, len(points), size or 1):
        yield points[start : start + size]
