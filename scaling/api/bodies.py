"""What comes in: changes of a policy, a number of workers."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

from jobs.api.bodies.base import Body, Reason
from jobs.inspection.wire import about, words
from scaling.models.actuator_name import ActuatorName
from scaling.models.policy import MOST_IN_POD, MOST_WORKERS

_DAY_MS: Final = 86_400_000


def _between(low: float, high: float, text: str) -> msgspec.Meta:
    return msgspec.Meta(ge=low, le=high, description=text)


Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$")]
ParameterName = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class PolicyBody(Body, frozen=True):
    """How a pool is to be scaled. What is left out stays as it is. Durations are in milliseconds."""

    version: Annotated[int, _between(0, 2**53, "The version that this changes, as the last answer had it")]
    enabled: Annotated[bool | None, about("Whether anybody decides for the pool")] = None
    dry_run: Annotated[bool | None, about("Whether decisions are recorded only, and not carried out")] = None
    actuator: Annotated[Annotated[str, words("Actuator", ActuatorName)] | None, about("Who carries decisions out")] = (
        None
    )
    namespace: Annotated[
        Annotated[str, msgspec.Meta(max_length=63)] | None, about("Kubernetes: that of the Deployment; empty: its own")
    ] = None
    deployment: Annotated[
        Annotated[str, msgspec.Meta(max_length=253)] | None,
        about("Kubernetes: the Deployment that is the pool; empty: it has the pool's name"),
    ] = None
    workers_per_pod: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=MOST_IN_POD)] | None, about("Kubernetes: workers in each pod")
    ] = None
    strategy: Annotated[Name | None, about("A name, or the dotted path of a class")] = None
    minimum: Annotated[Annotated[int, msgspec.Meta(ge=0, le=MOST_WORKERS)] | None, about("Fewest workers")] = None
    maximum: Annotated[Annotated[int, msgspec.Meta(ge=1, le=MOST_WORKERS)] | None, about("Most workers")] = None
    scale_up_threshold: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=10_000_000)] | None, about("Waiting jobs above which it grows")
    ] = None
    scale_down_threshold: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=10_000_000)] | None, about("Waiting jobs below which it shrinks")
    ] = None
    cooldown_up: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=_DAY_MS)] | None, about("After a change, until it may grow")
    ] = None
    cooldown_down: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=_DAY_MS)] | None, about("After a change, until it may shrink")
    ] = None
    step_up: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=MOST_WORKERS)] | None, about("Most workers added at once; 0: no limit")
    ] = None
    step_down: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=MOST_WORKERS)] | None, about("Most taken away at once; 0: no limit")
    ] = None
    stabilization: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=3_600_000)] | None,
        about("It shrinks to the largest number proposed in so long at most"),
    ] = None
    tolerance: Annotated[
        Annotated[float, msgspec.Meta(ge=0, le=1)] | None, about("The share for less than which it does not shrink")
    ] = None
    wait_goal: Annotated[
        Annotated[int, msgspec.Meta(ge=50, le=_DAY_MS)] | None, about("Within which jobs should start")
    ] = None
    goal_share: Annotated[
        Annotated[float, msgspec.Meta(ge=0.5, le=0.9999)] | None, about("The share of jobs that should")
    ] = None
    interval: Annotated[Annotated[int, msgspec.Meta(ge=1000, le=300_000)] | None, about("Between two decisions")] = None
    look_back: Annotated[
        Annotated[int, msgspec.Meta(ge=1000, le=3_600_000)] | None, about("The age from which figures decide nothing")
    ] = None
    parameters: Annotated[dict[ParameterName, float] | None, about("Numbers for the strategy, all of them")] = None
    reason: Reason = ""


class ScaleBody(Body, frozen=True):
    """How many workers a pool is to have, for how long, and why."""

    workers: Annotated[int, _between(0, MOST_WORKERS, "So many, within what the policy allows")]
    for_ms: Annotated[
        Annotated[int, msgspec.Meta(ge=1000, le=30 * _DAY_MS)] | None,
        about("For so long (ms); left out: until scaling is resumed"),
    ] = None
    reason: Reason = ""


MILLISECONDS: Final = ("cooldown_up", "cooldown_down", "stabilization", "wait_goal", "interval", "look_back")
_APART: Final = ("version", "reason")


def wished(body: PolicyBody) -> dict[str, Any]:
    """The fields of a policy that a body changes, as the database has them."""
    given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not None}
    fields = {name: value for name, value in given.items() if name not in _APART}
    for name in MILLISECONDS:
        if name in fields:
            fields[name] = fields[name] / 1000
    for name in ("step_up", "step_down"):
        if name in fields:
            fields[name] = fields[name] or None
    return fields
