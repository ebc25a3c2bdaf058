"""What pages say of a pool: how it stands, what was decided last, where its policy is not as it began."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from jobs.conf import Config
from jobs.words import lasting, several
from scaling.api.answers import DecisionView, PolicyView, PoolScaling
from scaling.api.looks import ChangeView, SightView
from scaling.models import ScalingPolicy
from scaling.models.actuator_name import ActuatorName

GUARDS: Final = {
    "saturated_dependency": "saturated dependency",
    "stabilization": "stabilization",
    "tolerance": "tolerance",
    "cooldown_up": "cooldown",
    "cooldown_down": "cooldown",
    "step_up": "step limit",
    "step_down": "step limit",
    "minimum": "fewest workers",
    "maximum": "most workers",
    "missing_input": "missing figures",
    "stale_input": "stale figures",
    "unknown_strategy": "unknown strategy",
    "broken_strategy": "broken strategy",
    "by_hand": "by hand",
    "paused": "paused",
    "awake": "woken",
    "pods": "whole pods",
    "coming": "awaited already",
    "not_ours": "owned elsewhere, or out of reach",
}
# The environment variable that gives the first value of a field of a policy.
FIRST_VALUES: Final = {
    "strategy": "SCALING_STRATEGY",
    "actuator": "SCALING_ACTUATOR",
    "minimum": "MIN_WORKERS",
    "maximum": "MAX_WORKERS",
    "scale_up_threshold": "SCALE_UP_THRESHOLD",
    "scale_down_threshold": "SCALE_DOWN_THRESHOLD",
    "cooldown_down": "SCALING_COOLDOWN",
}


class Standing(NamedTuple):
    """A word on how a pool is scaled, the colour of its tag, and what it means."""

    word: str
    tone: str
    meaning: str


class Difference(NamedTuple):
    """A field of a policy that is not as an environment variable would have it first."""

    variable: str
    first: str
    now: str


def standings(pool: PoolScaling) -> list[Standing]:
    """What is out of the ordinary, the worst first."""
    found = []
    if pool.trouble:
        found.append(Standing("does not follow", "is-danger", f"{pool.trouble}."))
    if not pool.policy.enabled:
        found.append(Standing("nobody decides", "is-warn", "The policy is off: the pool stays as large as it is."))
    if pool.paused:
        found.append(Standing("paused", "is-warn", f"{pool.paused.by} has paused scaling."))
    if pool.by_hand:
        found.append(Standing("by hand", "is-accent", f"{pool.by_hand.by} wants {_workers(pool.by_hand.workers)}."))
    if pool.owner:
        found.append(Standing("owned elsewhere", "is-warn", pool.owner))
    if pool.policy.actuator == ActuatorName.NONE:
        found.append(Standing("observed only", "", "The policy has no actuator: decisions are recorded only."))
    elif pool.policy.dry_run:
        found.append(Standing("dry run", "", "Decisions are recorded only, and not carried out."))
    return found


def told(decision: DecisionView | ChangeView) -> str:
    """What a decision did to the number of workers, or would have done, in a few words."""
    if decision.action == "scale_up":
        grew = "Would have grown" if decision.dry_run else "Grew"
        return f"{grew} from {decision.current} to {_workers(decision.target)}"
    if decision.action == "scale_down":
        shrank = "Would have shrunk" if decision.dry_run else "Shrank"
        return f"{shrank} from {decision.current} to {_workers(decision.target)}"
    return f"Stays at {_workers(decision.target)}"


def guard_word(name: str | None) -> str:
    """The name of a guard for people."""
    return GUARDS.get(name, name.replace("_", " ")) if name else ""


def differences(policy: PolicyView, pool: str, config: Config) -> list[Difference]:
    """Where the policy is not as environment variables would begin it."""
    first = PolicyView.of(ScalingPolicy.first(pool, config))
    return [
        Difference(variable, _said(name, getattr(first, name)), _said(name, getattr(policy, name)))
        for name, variable in FIRST_VALUES.items()
        if getattr(first, name) != getattr(policy, name)
    ]


def is_fresh(seen: SightView | None, policy: PolicyView) -> bool:
    """Whether what was seen last is new enough to decide by."""
    return seen is not None and seen.age <= policy.look_back


def _said(name: str, value: Any) -> str:
    return lasting(value) if name == "cooldown_down" else str(value)


def _workers(count: int) -> str:
    return several(count, "worker")
