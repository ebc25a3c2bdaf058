"""How often and how soon a pool may change."""

from __future__ import annotations

import math
from collections.abc import Iterator

from scaling.observation import Observation
from scaling.policy import Policy
from scaling.record import Record, Step

from .ruling import Ruling


def stabilization(wanted: int, seen: Observation, record: Record, policy: Policy) -> Ruling | None:
    """Shrinks no further than to the largest proposal of the last `stabilization` seconds.

    The rule of the Horizontal Pod Autoscaler (scaleDown.stabilizationWindowSeconds).
    """
    if wanted >= seen.supply or policy.stabilization <= 0:
        return None
    largest = max((step.proposed for step in recent(record, seen.at, policy.stabilization)), default=wanted)
    floor = min(largest, seen.supply)
    if floor <= wanted:
        return None
    reason = f"In the last {policy.stabilization:g} s up to {largest} were wanted."
    return Ruling(floor, "stabilization", reason)


def tolerance(wanted: int, seen: Observation, policy: Policy) -> Ruling | None:
    """Does not shrink for less than `tolerance` of the fleet."""
    fewer = seen.supply - wanted
    if 0 < fewer < policy.tolerance * seen.supply:
        return Ruling(
            seen.supply, "tolerance", f"{fewer} fewer is less than {100 * policy.tolerance:.3g} % of the fleet."
        )
    return None


def cooldown(wanted: int, seen: Observation, record: Record, policy: Policy) -> Ruling | None:
    """Waits after any change: `cooldown_up` seconds before the next growth, `cooldown_down` before it shrinks."""
    if wanted == seen.supply:
        return None
    name, wait = (
        ("cooldown_up", policy.cooldown_up) if wanted > seen.supply else ("cooldown_down", policy.cooldown_down)
    )
    for step in recent(record, seen.at, wait):
        if step.changed:
            ago, grow = math.floor(seen.at - step.observation.at), "grow" if wanted > seen.supply else "shrink"
            reason = f"The last change was {ago} s ago, and the pool may {grow} no sooner than after {wait:g} s."
            return Ruling(seen.supply, name, reason)
    return None


def recent(record: Record, now: float, seconds: float) -> Iterator[Step]:
    """The steps less than so many seconds old, newest first; not those that a clock which stepped back calls future."""
    for step in reversed(record.steps):
        age = now - step.observation.at
        if age >= seconds:
            return
        if age > 0:
            yield step
