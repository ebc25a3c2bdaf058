"""What a scaler knows of one pool at one instant."""

from __future__ import annotations

import math
from typing import Final

import msgspec

from jobs.clock import MAX_INSTANT_MS

LARGEST: Final = 1e15  # beyond which no figure is true


class Rates(msgspec.Struct, frozen=True):
    """Jobs a second over the last 15, 60 and 300 seconds. None where nobody counted for so long."""

    last_15s: float | None = None
    last_60s: float | None = None
    last_300s: float | None = None


class Due(msgspec.Struct, frozen=True):
    """`jobs` that are put off and become claimable within `seconds` from now: those of all shorter times too."""

    seconds: float
    jobs: int


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """One pool: its workers, the jobs of the queues that it serves, and how fast both move.

    Times are in seconds, `at` since 1970 by the store's clock. `workers` claim; `starting` were launched and do not
    yet, `draining` claim nothing more. A worker runs `slots` jobs at once. `waiting` jobs can be claimed, `active` ones
    run. `oldest_age` is that of the waiting job that waits longest. `service_time` is the mean processing time of a job
    lately, `usual_service_time` its long-run mean; `error_rate` is the share of executions that failed in the last
    minute, 0 to 1. `startup_time` is how long a worker takes from its launch to its first claim, as measured. None:
    not known.
    """

    at: float
    workers: int
    starting: int = 0
    draining: int = 0
    slots: int = 1
    waiting: int = 0
    active: int = 0
    oldest_age: float = 0.0
    arrivals: Rates = Rates()
    completions: Rates = Rates()
    due: tuple[Due, ...] = ()
    service_time: float | None = None
    usual_service_time: float | None = None
    error_rate: float | None = None
    startup_time: float | None = None

    @property
    def supply(self) -> int:
        """The workers that claim or will soon."""
        return self.workers + self.starting

    @property
    def load(self) -> int:
        """Jobs that wait or run."""
        return self.waiting + self.active

    @property
    def utilisation(self) -> float:
        """The share of slots that run a job, 0 to 1; 0 without workers."""
        slots = (self.workers + self.draining) * self.slots
        return min(self.active / slots, 1.0) if slots else 0.0

    def due_within(self, seconds: float) -> int:
        """How many jobs that are put off become claimable within so many seconds, as far as anybody has counted."""
        return max((each.jobs for each in self.due if each.seconds <= seconds), default=0)

    @property
    def is_credible(self) -> bool:
        """Whether all figures can be true: finite, not negative, and none beyond measure."""
        come, go = self.arrivals, self.completions
        maybe = (
            *(self.service_time, self.usual_service_time, self.error_rate, self.startup_time),
            *(come.last_15s, come.last_60s, come.last_300s, go.last_15s, go.last_60s, go.last_300s),
        )
        figures = [self.at, self.oldest_age, self.workers, self.starting, self.draining, self.waiting, self.active]
        figures += [known for known in maybe if known is not None]
        for each in self.due:
            figures += (each.seconds, each.jobs)
        is_measured = math.isfinite(sum(figures)) and min(figures) >= 0 and max(figures) <= LARGEST
        return is_measured and 1 <= self.slots <= LARGEST and self.at * 1000 <= MAX_INSTANT_MS
