"""How much is sent, for how long, and what has to be kept: the seed's phases, and harder ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ENQUEUE: Final = "POST /api/jobs"
BULK: Final = "POST /api/jobs/bulk"
LIST: Final = "GET /api/jobs"


@dataclass(frozen=True)
class Limits:
    """What half, 95 and 99 of 100 enqueues of a phase have to stay within, in ms."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class Phase:
    """So many requests a second for so many seconds. Without limits only errors count."""

    name: str
    seconds: int
    rate: int
    limits: Limits | None = None


SUBMISSION: Final = Limits(p50=15.0, p95=45.0, p99=85.0)  # from submission to the queue
ENQUEUES: Final = (
    Phase("Warm up", 60, 10),
    Phase("Sustained load", 120, 50, SUBMISSION),
    Phase("Spike test", 60, 100, SUBMISSION),
)
HARD: Final = (
    Phase("Mixture", 60, 100, SUBMISSION),
    Phase("Mixture, twice", 60, 200, SUBMISSION),
    Phase("Mixture, three times", 60, 300),
)
PLANS: Final = {"enqueues": ENQUEUES, "hard": HARD}


def faster(phases: tuple[Phase, ...], factor: float) -> tuple[Phase, ...]:
    """The same phases, each `factor` times shorter, but at least 5 s long."""
    return tuple(Phase(each.name, max(5, round(each.seconds / factor)), each.rate, each.limits) for each in phases)


def current(phases: tuple[Phase, ...], elapsed: float) -> int | None:
    """The place of the phase that runs after so many seconds, None when all are over."""
    for place, phase in enumerate(phases):
        elapsed -= phase.seconds
        if elapsed < 0:
            return place
    return None
