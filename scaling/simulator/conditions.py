"""What a load is replayed under."""

from __future__ import annotations

import math

import msgspec

from .trace import Trace
from .workload import Workload, workload

MOST_SLOTS = 1000
MOST_AT_ONCE = 100_000  # jobs that run


class ConditionsError(ValueError):
    """No pool can be so. The text says for people what is wrong; `fields` are those that could be changed, the first
    of which the text begins with."""

    def __init__(self, wrong: str, *fields: str) -> None:
        super().__init__(f"{fields[0]} {wrong}")
        self.fields = fields


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """The pool, its jobs and what is asked of it; times in seconds.

    `goal` is within which jobs should start, `startup` from a worker's launch to its first claim, `service` the mean
    of a job's processing time and `cv` its coefficient of variation. `peak`: the trace is scaled so that its highest
    bucket keeps so many workers busy; None: its rates are taken as they are. `minimum` and `maximum` are workers, each
    of which runs `slots` jobs at once.
    """

    goal: float = 10.0
    startup: float = 20.0
    service: float = 2.0
    cv: float = 1.5
    peak: float | None = None
    minimum: int = 2
    maximum: int = 200
    slots: int = 1

    def __post_init__(self) -> None:
        """Raise ConditionsError for what no pool can be like."""
        for name in ("goal", "service", "peak"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise ConditionsError("must be above 0", name)
        for name in ("startup", "cv"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise ConditionsError("must not be below 0", name)
        if not 1 <= self.slots <= MOST_SLOTS:
            raise ConditionsError(f"must be from 1 to {MOST_SLOTS:,}", "slots")
        if self.maximum < 1:
            raise ConditionsError("must be at least 1", "maximum")
        if not 0 <= self.minimum <= self.maximum:
            raise ConditionsError(f"must be between 0 and maximum, {self.maximum:,}", "minimum", "maximum")
        if self.maximum * self.slots > MOST_AT_ONCE:
            several = (
                f"times slots is {self.maximum * self.slots:,} jobs at once; at most {MOST_AT_ONCE:,} are simulated"
            )
            raise ConditionsError(several, "maximum", "slots")

    def scaled(self, trace: Trace) -> Trace:
        """The trace with the load that these conditions ask for. Raises TraceError."""
        return trace if self.peak is None else trace.with_peak(self.peak * self.slots / self.service)

    def workload(self, trace: Trace) -> Workload:
        """The jobs of a trace under these conditions. Raises TraceError and ValueError."""
        return workload(self.scaled(trace), self.service, self.cv)
