"""What comes in: a simulation that is asked for."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from jobs.api.bodies.base import Body
from jobs.inspection.wire import about
from scaling.models.policy import MOST_WORKERS
from scaling.simulator.conditions import MOST_SLOTS

from .bodies import Name

MOST_DAYS: Final = 30
MOST_TRACE: Final = 1_000_000  # characters
MOST_NAME: Final = 200
MOST_DAY: Final = 100_000
MOST_STRATEGIES: Final = 20
_HOUR_MS: Final = 3_600_000


class SimulationBody(Body, frozen=True):
    """A load, what to replay it against, and what the pool is like. Durations are in milliseconds.

    Give one load: days of the pool's own history, a trace, or an example. A trace and an example are scaled to a peak;
    without other values their pool is the one that `manage.py simulate_scaling` takes. History has the rates that were
    recorded, and the pool's own limits, slots, start-up time and mean processing time; the pool's strategy has its
    policy there, and others have what suits them.
    """

    days: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] | None, about("The last so many days of the pool's history")
    ] = None
    trace: Annotated[
        Annotated[str, msgspec.Meta(max_length=MOST_TRACE)] | None,
        about(
            "CSV with a header: `seconds,arrivals_per_second`, or a row for each request with its second first; "
            "at most 100,000 lines"
        ),
    ] = None
    name: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_NAME)] | None,
        about("What the trace is called, like the name of its file"),
    ] = None
    day: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=MOST_DAY)] | None,
        about("Only this day of the load, counted from 0; it is scaled to its own peak"),
    ] = None
    example: Annotated[Literal["bursts", "day", "hourly", "step"] | None, about("A load that was made up")] = None
    strategies: Annotated[
        Annotated[list[Name], msgspec.Meta(min_length=1, max_length=MOST_STRATEGIES)] | None,
        about("Strategies and baselines, by name or dotted path; left out: the pool's own, and all that have a name"),
    ] = None
    goal: Annotated[
        Annotated[int, msgspec.Meta(ge=50, le=24 * _HOUR_MS)] | None,
        about("Within which jobs should start; left out: as the policy says"),
    ] = None
    startup: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=_HOUR_MS)] | None, about("From a worker's launch to its first claim")
    ] = None
    minimum: Annotated[Annotated[int, msgspec.Meta(ge=0, le=MOST_WORKERS)] | None, about("Fewest workers")] = None
    maximum: Annotated[Annotated[int, msgspec.Meta(ge=1, le=MOST_WORKERS)] | None, about("Most workers")] = None
    slots: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=MOST_SLOTS)] | None,
        about("Jobs that a worker runs at once; left out: as this pool's do with its history, 1 with another load"),
    ] = None
    service: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=_HOUR_MS)] | None, about("Mean processing time of a job")
    ] = None
    cv: Annotated[
        Annotated[float, msgspec.Meta(ge=0, le=10)] | None, about("Coefficient of variation of the processing time")
    ] = None
    peak: Annotated[
        Annotated[float, msgspec.Meta(ge=0.1, le=MOST_WORKERS)] | None,
        about("Scale the load so that its highest bucket keeps so many workers busy"),
    ] = None
    scheduled: Annotated[
        bool | None, about("The jobs of the trace were put off: they can be seen coming; left out: they were not")
    ] = None
    smooth: Annotated[
        bool | None, about("The trace's rate runs on lines between the middles of its buckets instead of in steps")
    ] = None
