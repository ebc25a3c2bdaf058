"""Examples of simulations, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from .simulate_answers import (
    CurveView,
    SimulationBrief,
    SimulationList,
    SimulationRow,
    SimulationStarted,
    SimulationView,
)
from .simulate_bodies import SimulationBody

_ID: Final = "17723520000009f86d081"
REQUESTS: Final[dict[Any, dict[str, tuple[str, Any]]]] = {
    SimulationBody: {
        "example": (
            "Two strategies on steps of load",
            {"example": "step", "strategies": ["default", "latency_target"], "peak": 5},
        ),
        "trace": (
            "Some strategies on a day of a trace, with a start-up of a second",
            {"trace": "seconds,arrivals_per_second\n0,1\n60,20\n120,1\n", "name": "load.csv", "day": 0, "smooth": True}
            | {"strategies": ["hpa"], "startup": 1000},
        ),
    },
}
_ROW: Final = SimulationRow(
    strategy="latency_target",
    title="latency_target",
    jobs=28_512,
    late_percent=0.62,
    cost=1.31,
    p50=0,
    p95=1210,
    p99=7840,
    worker_hours=21.4,
    actions=34,
    actions_per_hour=5.7,
    flaps=0,
    recovery=15_000,
    attempts=1.0,
    curve=CurveView(at=[0, 54_000], workers=[2.0, 2.4], load=[1.1, 1.6], late_percent=[0.0, 0.0]),
)
ANSWERS: Final[dict[Any, Any]] = {
    SimulationStarted: SimulationStarted(id=_ID),
    SimulationList: SimulationList(
        items=[
            SimulationBrief(
                id=_ID,
                pool="default",
                status="running",
                progress=0.4,
                source="the last 7 days",
                strategies=["default", "latency_target"],
                started_by="ada",
                created_at="2026-03-01T08:00:00.000Z",
                finished_at=None,
                error=None,
            )
        ],
        unreadable=[],
    ),
    SimulationView: SimulationView(
        id=_ID,
        pool="default",
        status="done",
        progress=1.0,
        source="the example step",
        note=None,
        strategies=["latency_target"],
        goal=10_000,
        startup=20_000,
        service=2000,
        cv=1.5,
        peak=5.0,
        minimum=2,
        maximum=200,
        slots=1,
        started_by="ada",
        created_at="2026-03-01T08:00:00.000Z",
        finished_at="2026-03-01T08:00:09.000Z",
        error=None,
        duration=21_600_000,
        jobs=28_512,
        bound_worker_hours=16.3,
        results=[_ROW],
    ),
}
