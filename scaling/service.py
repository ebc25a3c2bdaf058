"""How long a job is taken to run, from what was counted."""

from __future__ import annotations

from typing import Final

RESOLUTION: Final = 0.001  # s: executions are counted in whole milliseconds, cut off below


def mean_service(seconds: float, jobs: float) -> float | None:
    """The mean processing time of jobs that took so many seconds together; None without jobs.

    It is half the resolution at least: of jobs that end within it, which count as 0, that is the mean. Nothing could be
    computed with 0, and no load is none.
    """
    return max(seconds / jobs, RESOLUTION / 2) if jobs > 0 else None
