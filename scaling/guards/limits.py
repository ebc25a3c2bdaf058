"""The fewest and the most workers of a pool, and the most that one step may change."""

from __future__ import annotations

from scaling.observation import Observation
from scaling.policy import Policy

from .ruling import Ruling


def bounds(wanted: int, policy: Policy) -> Ruling | None:
    """Keeps within minimum and maximum; a minimum above the maximum counts as the maximum."""
    if wanted > policy.maximum:
        return Ruling(policy.maximum, "maximum", f"The pool may have at most {policy.maximum}.")
    lowest = min(policy.minimum, policy.maximum)
    if wanted < lowest:
        return Ruling(lowest, "minimum", f"The pool must have at least {lowest}.")
    return None


def steps(wanted: int, seen: Observation, policy: Policy) -> Ruling | None:
    """Changes no more at once than the policy's steps."""
    change = wanted - seen.supply
    if policy.step_up is not None and change > policy.step_up:
        return Ruling(seen.supply + policy.step_up, "step_up", f"At most {policy.step_up} more at a time.")
    if policy.step_down is not None and -change > policy.step_down:
        return Ruling(seen.supply - policy.step_down, "step_down", f"At most {policy.step_down} fewer at a time.")
    return None
