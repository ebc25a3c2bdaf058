"""Several strategies against one load: what the command, the API and the pages show of a simulation.

`compare(trace, strategies, conditions, progress=...) -> Comparison` is the one way in. It is pure: no Django, no store,
no settings. It uses a core for seconds for each day of the trace and strategy, so that a web process runs it elsewhere.

    trace = read(Path("trace.csv"))                      # or from_rows(name, rows), or the recorded history of a pool
    found = compare(trace, ["default", "latency_target", "hpa"], Conditions(peak=100), progress=print)
    found.rows[0].wire()                                 # {"strategy": "static", "latePercent": 0.04, ...}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from scaling.ml.model import Model
from scaling.policy import Policy
from scaling.strategies.lookup import find

from . import bound
from .conditions import Conditions
from .curve import Curve, curve
from .dependency import Dependency
from .presets import BASELINES, preset, title
from .report import Report
from .run import Pool, simulate, smallest_static
from .steps import Steps, Tell
from .trace import Trace
from .workload import Workload

STATIC: Final = "static"
ALLOWED_LATE: Final = 0.01
"""The share of late jobs that the smallest static fleet may have."""
ORDINARY: Final = Conditions()


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What one strategy made of the load. `strategy` is the name that was asked for, `title` is for people; `cost` is
    in multiples of the clairvoyant bound, None where that is not known. The report is without its long lists."""

    strategy: str
    title: str
    report: Report
    cost: float | None
    curve: Curve

    def wire(self) -> dict[str, Any]:
        """The row as JSON has it: waits and `recovery` in whole milliseconds; a wait without end is null."""
        report = self.report
        return {
            "strategy": self.strategy,
            "title": self.title,
            "jobs": report.jobs,
            "latePercent": round(report.late * 100, 4),
            "cost": None if self.cost is None else round(self.cost, 4),
            "p50": _milliseconds(report.p50),
            "p95": _milliseconds(report.p95),
            "p99": _milliseconds(report.p99),
            "workerHours": round(report.worker_hours, 3),
            "actions": report.actions,
            "actionsPerHour": round(report.actions_per_hour, 2),
            "flaps": report.flaps,
            "recovery": _milliseconds(report.recovery),
            "attempts": round(report.attempts, 3),
            "curve": self.curve.wire(),
        }


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The rows in the order asked for, the smallest static fleet first. `bound` is in worker-hours."""

    trace: str
    seconds: float
    jobs: int
    bound: float | None
    rows: Sequence[Row]

    def wire(self) -> dict[str, Any]:
        """The whole as JSON has it."""
        return {
            "trace": self.trace,
            "duration": _milliseconds(self.seconds),
            "jobs": self.jobs,
            "boundWorkerHours": None if self.bound is None else round(self.bound, 3),
            "results": [row.wire() for row in self.rows],
        }


def compare(
    trace: Trace,
    strategies: Sequence[str | Policy],
    conditions: Conditions = ORDINARY,
    progress: Tell | None = None,
    model: Model | None = None,
    dependency: Dependency | None = None,
) -> Comparison:
    """Replays the trace against each strategy, the smallest static fleet and somebody who knows the future.

    A name gets the guards of its preset (`presets.preset`) and the limits and goal of `conditions`; a Policy is taken
    as it is. `progress` is told the share done, 0 to 1, every second or so of work; what it raises ends the run.
    `model` is what `ml` decides with. With a `dependency` there is neither a static fleet nor a bound. Raises
    TraceError and ValueError, with words for people, for a trace or conditions that make no load, and
    UnknownStrategyError. A strategy of others may take as long to load as it likes: nobody's pool waits.
    """
    _load(strategies)
    steps = Steps(len(strategies) + 1, progress)
    tell = steps.next()
    jobs = conditions.workload(trace)
    least = _bound(jobs, conditions) if dependency is None else None
    rows = []
    if dependency is None:
        fixed = _fixed(jobs, conditions, tell)
        rows.append(_row((STATIC, fixed.strategy), fixed, jobs, least))
    pool = Pool(conditions.startup, model=model, dependency=dependency, slots=conditions.slots)
    for asked in strategies:
        policy = asked if isinstance(asked, Policy) else _preset(asked, conditions)
        name = _name(asked)
        rows.append(_row((name, title(name)), simulate(jobs, policy, pool, steps.next()), jobs, least))
    hours = None if least is None else least / 3600
    return Comparison(trace=trace.name, seconds=trace.seconds, jobs=len(jobs.arrivals), bound=hours, rows=rows)


def _name(asked: str | Policy) -> str:
    return asked.strategy if isinstance(asked, Policy) else asked


def _load(strategies: Sequence[str | Policy]) -> None:
    """Have every strategy at hand before time is measured. Raises UnknownStrategyError."""
    for asked in strategies:
        if isinstance(asked, Policy) or asked not in BASELINES:
            find(_name(asked), hurried=False)


def _fixed(jobs: Workload, conditions: Conditions, tell: Tell | None) -> Report:
    sizes = max(1, conditions.minimum), conditions.maximum
    return smallest_static(jobs, conditions.goal, ALLOWED_LATE, sizes, conditions.slots, tell)


def _bound(jobs: Workload, conditions: Conditions) -> float | None:
    if not bound.available():
        return None
    slots = conditions.slots
    return bound.bound(jobs, conditions.goal, conditions.startup, conditions.minimum * slots) / slots


def _preset(name: str, conditions: Conditions) -> Policy:
    limits = {"minimum": conditions.minimum, "maximum": conditions.maximum, "wait_goal": conditions.goal}
    return msgspec.structs.replace(preset(name, conditions.startup), **limits)


def _row(names: tuple[str, str], report: Report, jobs: Workload, least: float | None) -> Row:
    """A row, with its curve in place of the states of the fleet and the late jobs, which there are millions of."""
    cost = report.worker_hours * 3600 / least if least else None
    small = msgspec.structs.replace(report, late_jobs=(), points=(), changes=())
    return Row(strategy=names[0], title=names[1], report=small, cost=cost, curve=curve(jobs, report))


def _milliseconds(seconds: float) -> int | None:
    return round(seconds * 1000) if seconds < float("inf") else None
