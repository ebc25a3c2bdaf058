"""What goes out: simulations, and what came of them."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

from jobs.clock import isoformat
from jobs.inspection.wire import Milliseconds, Time, Wire, about, time_of, words
from jobs.store.simulation import Simulation, SimulationStatus
from scaling.simulator.conditions import Conditions

LARGEST: Final = 1e9  # beyond which no condition is true
LOST: Final = "What came of it is lost, or cannot be read"
UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
StatusWord = Annotated[str, words("SimulationStatus", SimulationStatus)]


class SimulationStarted(Wire, frozen=True):
    """A simulation that runs now."""

    id: Annotated[str, about("To follow it by")]


class CurveView(Wire, frozen=True):
    """The course of a simulation: at most 400 stretches of equal length, a column each."""

    at: Annotated[list[int], about("When each begins, in ms from the start of the load")]
    workers: Annotated[list[float], about("Mean number of workers")]
    load: Annotated[list[float], about("Mean number of jobs that wait or run")]
    late_percent: Annotated[list[float], about("The per cent of the jobs which came in it that missed the goal")]


class SimulationRow(Wire, frozen=True):
    """What one strategy made of the load. Waits are in milliseconds; null: some jobs were never started."""

    strategy: Annotated[str, about("The strategy or baseline, as it was asked for")]
    title: Annotated[str, about("Its name for people")]
    jobs: Annotated[int, about("Jobs of the load")]
    late_percent: Annotated[float, about("The per cent of the jobs that did not start within the goal")]
    cost: Annotated[
        float | None, about("Worker-hours as a multiple of those of one who knows the future; null: not known")
    ]
    p50: Annotated[Milliseconds | None, about("The wait that half of the jobs do not exceed")]
    p95: Annotated[Milliseconds | None, about("The wait that 95 % of the jobs do not exceed")]
    p99: Annotated[Milliseconds | None, about("The wait that 99 % of the jobs do not exceed")]
    worker_hours: Annotated[float, about("From each worker's launch to the end of its drain")]
    actions: Annotated[int, about("Changes of the number of workers")]
    actions_per_hour: Annotated[float, about("The same an hour")]
    flaps: Annotated[int, about("Growths within five minutes that took back what had just been given up")]
    recovery: Annotated[
        Milliseconds | None, about("The longest time in which the oldest waiting job was over the goal all along")
    ]
    attempts: Annotated[float, about("Mean number of executions of a job; above 1 where some fail and run again")]
    curve: Annotated[CurveView, about("Its course")]


class _Result(msgspec.Struct, frozen=True, rename="camel"):
    """What the store holds of a finished one."""

    duration: int
    jobs: int
    bound_worker_hours: float | None
    results: list[SimulationRow]


class SimulationBrief(Wire, frozen=True):
    """A simulation in short. Ten are remembered, each for a day."""

    id: Annotated[str, about("To follow it by")]
    pool: Annotated[str, about("The pool that it is about")]
    status: Annotated[StatusWord, about("How far it is")]
    progress: Annotated[float, about("The share that is done, 0 to 1")]
    source: Annotated[str, about("The load, for people")]
    strategies: Annotated[list[str], about("What the load is replayed against")]
    started_by: Annotated[str, about("Who asked for it")]
    created_at: Annotated[Time, about("When it began")]
    finished_at: Annotated[Time | None, about("When it was over; null: it is not, or nobody knows")]
    error: Annotated[str | None, about("Why it failed; null: it did not")]

    @classmethod
    def of(cls, told: Simulation) -> SimulationBrief:
        """The short view of a simulation that `is_sound`."""
        return SimulationBrief(**_facts(told))


class SimulationList(Wire, frozen=True):
    """The simulations of a pool, latest first."""

    items: Annotated[list[SimulationBrief], about("Those that can be read")]
    unreadable: Annotated[list[str], about("Ids, of any pool, of which what is kept cannot be read")]


class SimulationView(SimulationBrief, frozen=True):
    """A simulation: how far it is, and what came of it. Ten are remembered, each for a day."""

    note: Annotated[str | None, about("What had to be mended in it: gaps filled, rows left out; null: nothing")]
    goal: Annotated[Milliseconds, about("Within which jobs should start")]
    startup: Annotated[Milliseconds, about("From a worker's launch to its first claim")]
    service: Annotated[Milliseconds, about("Mean processing time of a job; 0: under a millisecond")]
    cv: Annotated[float, about("Coefficient of variation of the processing time")]
    peak: Annotated[float | None, about("Workers that the highest load keeps busy; null: the rates are as recorded")]
    minimum: Annotated[int, about("Fewest workers")]
    maximum: Annotated[int, about("Most workers")]
    slots: Annotated[int, about("Jobs that a worker runs at once")]
    duration: Annotated[Milliseconds | None, about("How long the load is; null before the end")]
    jobs: Annotated[int | None, about("Jobs of the load; null before the end")]
    bound_worker_hours: Annotated[
        float | None, about("What one who knows the future would need; null: not known (yet)")
    ]
    results: Annotated[list[SimulationRow] | None, about("A row a strategy, the smallest static fleet first")]

    @classmethod
    def whole(cls, told: Simulation, conditions: Conditions, result: bytes) -> SimulationView:
        """The view of a simulation that `is_sound`; `result` is b"" before its end. Of one whose result cannot be read
        that is said as its failure."""
        found = _read(result) if told.status is SimulationStatus.DONE else None
        if found is None and told.status is SimulationStatus.DONE:
            told = msgspec.structs.replace(told, status=SimulationStatus.FAILED, error=LOST)
        given = {name: getattr(conditions, name) for name in ("cv", "peak", "minimum", "maximum", "slots")}
        times = {name: round(getattr(conditions, name) * 1000) for name in ("goal", "startup", "service")}
        return cls(
            **_facts(told),
            **given,
            **times,
            note=told.note or None,
            duration=found.duration if found else None,
            jobs=found.jobs if found else None,
            bound_worker_hours=found.bound_worker_hours if found else None,
            results=found.results if found else None,
        )


def is_sound(told: Simulation) -> bool:
    """Whether what is kept of a simulation can be shown."""
    return told.id.isascii() and told.id.isalnum() and time_of(told.created) is not None


def conditions_of(told: Simulation) -> Conditions | None:
    """What a simulation is replayed under; None where that cannot be read."""
    try:
        found = msgspec.json.decode(told.conditions, type=Conditions)
    except UNREADABLE:
        return None
    figures = [value for value in msgspec.structs.astuple(found) if value is not None]
    return found if max(figures) <= LARGEST else None


def _facts(told: Simulation) -> dict[str, Any]:
    return {
        "id": told.id,
        "pool": told.pool,
        "status": told.status,
        "progress": min(max(told.progress, 0.0), 1.0),
        "source": told.source,
        "strategies": list(told.strategies),
        "started_by": told.started_by,
        "created_at": isoformat(told.created),
        "finished_at": time_of(told.finished),
        "error": told.error or None,
    }


def _read(result: bytes) -> _Result | None:
    """What came of one; None where that is not there or cannot be read."""
    try:
        found = msgspec.json.decode(result, type=_Result)
    except UNREADABLE:
        return None
    return found if found.results else None
