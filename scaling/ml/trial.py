"""Trains a model, and tries it on a day that it was not trained on. Needs numpy."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from scaling.policy import Policy
from scaling.simulator.report import Report
from scaling.simulator.run import Pool, simulate
from scaling.simulator.steps import Steps, Tell
from scaling.simulator.trace import Trace
from scaling.simulator.workload import Workload, workload

from .model import DAY, Figures, Model
from .series import Series
from .training import TooLittle, fit, predicted

MARGINS: Final = (0.0, 0.3, 0.6, 1.0, 1.5)
RUNS: Final = len(MARGINS) + 3
LEAST_TRIED: Final = DAY // 2  # minutes that must be recorded of the last day
MINUTE: Final = 60.0


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """Where strategies are tried: the load, what its jobs and workers are like (seconds; `slots` are jobs that a worker
    runs at once), and the policies of `ml`, of `latency_target`, and of the strategy in use where it is another."""

    trace: Trace
    service: float
    cv: float
    startup: float
    policy: Policy
    target: Policy
    used: Policy | None = None
    slots: int = 1

    def jobs(self, first: int, last: int) -> Workload:
        """The jobs of the minutes from `first` up to `last`."""
        return workload(self.trace.between(first * MINUTE, last * MINUTE), self.service, self.cv)

    def run(self, jobs: Workload, policy: Policy, model: Model | None = None, tell: Tell | None = None) -> Report:
        """What a policy makes of them."""
        return simulate(jobs, policy, Pool(self.startup, model=model, slots=self.slots), tell)


def train(series: Series, ground: Ground, pool: str, tell: Tell | None = None) -> Model:
    """The model of all days but the last, with its figures on the last. `tell` is told the share done, 0 to 1.

    The margin is the cheapest that holds the goal, or does as well as `latency_target`, on the last day but one. Raises
    TooLittle.
    """
    split = len(series) - DAY
    tried = int(series.recorded[max(split, 0) :].sum())
    if split < DAY or tried < LEAST_TRIED:
        raise TooLittle(
            f"{len(series):,} minutes lie between first and last, and {tried:,} of the last day are recorded; "
            f"{2 * DAY:,} and {LEAST_TRIED:,} are needed"
        )
    model = fit(series.until(split), ground.policy.wait_goal, pool)
    steps = Steps(RUNS + (ground.used is not None), tell)
    model = _with_margin(model, ground, ground.jobs(split - DAY, split), steps)
    figures = _figures(model, ground, ground.jobs(split, len(series)), steps, _errors(model, series, split))
    return msgspec.structs.replace(model, figures=figures)


def _figures(model: Model, ground: Ground, jobs: Workload, steps: Steps, errors: tuple[float, float, float]) -> Figures:
    own = ground.run(jobs, ground.policy, model, steps.next())
    other = ground.run(jobs, ground.target, tell=steps.next())
    used = ground.run(jobs, ground.used, tell=steps.next()) if ground.used else None
    error, error_as_now, fit_of_last = errors
    return Figures(
        error=error,
        error_as_now=error_as_now,
        fit=fit_of_last,
        late=own.late,
        late_target=other.late,
        worker_hours=own.worker_hours,
        worker_hours_target=other.worker_hours,
        used=ground.used.strategy if ground.used else "",
        late_used=used.late if used else 0.0,
        worker_hours_used=used.worker_hours if used else 0.0,
    )


def _with_margin(model: Model, ground: Ground, jobs: Workload, steps: Steps) -> Model:
    allowed = max(1 - ground.policy.goal_share, ground.run(jobs, ground.target, tell=steps.next()).late)
    found = []
    for margin in MARGINS:
        each = msgspec.structs.replace(model, margin=margin)
        report = ground.run(jobs, ground.policy, each, steps.next())
        found.append((max(report.late - allowed, 0.0), report.worker_hours, margin))
    return msgspec.structs.replace(model, margin=min(found)[2])


def _errors(model: Model, series: Series, split: int) -> tuple[float, float, float]:
    """Of the minutes from `split` on: the mean error, that of saying that all stays as it is, and R squared."""
    demand, said = series.demand(model.goal)[split:], predicted(model, series)[split:]
    as_now = series.rate[split - 1 : -1]
    there = np.isfinite(demand) & np.isfinite(said) & np.isfinite(as_now)
    if not there.any():
        return 0.0, 0.0, 0.0
    demand, said, as_now = demand[there], said[there], as_now[there]
    variance, squared = float(np.var(demand)), float(np.mean((said - demand) ** 2))
    fits = 1 - squared / variance if variance else 0.0
    return float(np.abs(said - demand).mean()), float(np.abs(as_now - demand).mean()), fits
