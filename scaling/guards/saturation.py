"""A dependency that more workers make worse."""

from __future__ import annotations

import math
from collections.abc import Mapping

from scaling.observation import Observation
from scaling.proposal import NOTHING

from .ruling import Ruling

NAME = "saturated_dependency"
MANY_ERRORS = 0.2
FEW_ERRORS = 0.05
SLOWER = 1.3
LESS, LESS_EVERY = 0.7, 20.0
MORE, MORE_EVERY = 1.25, 10.0
PROOF = 60.0
LOOSE = 1.5


def saturation(
    wanted: int, seen: Observation, memory: Mapping[str, float], top: int
) -> tuple[Ruling | None, Mapping[str, float]]:
    """Caps the fleet while executions fail and are slow: that is what too many calls at once look like.

    While more than 20 % of executions fail and take over 1.3 times their usual time the fleet does not grow; the cap
    starts at 0.7 of the workers and falls to 0.7 of itself every 20 s. It rises to 1.25 of itself every 10 s once less
    than 5 % fail, and else after every minute that was not so (some jobs always fail), until it binds no more (it is
    beyond `top` or half more than is wanted). Jobs that merely fail fast are none of its business.
    Returns the ruling, and the memory to pass to the next call.
    """
    cap, since = memory.get("cap"), memory.get("since", seen.at)
    since, last = min(since, seen.at), min(memory.get("last", seen.at), seen.at)
    is_now = is_saturated(seen)
    if is_now:
        last = seen.at
        if cap is None or seen.at - since >= LESS_EVERY:
            base = seen.workers if cap is None else min(cap, seen.workers)
            cap, since = max(1.0, base * LESS), seen.at
    elif cap is not None and _may_try(seen, since, last):
        cap, since = max(cap * MORE, cap + 1), seen.at
        if cap > top or cap > wanted * LOOSE:
            cap = None
    if cap is None:
        return None, NOTHING
    kept = {"cap": cap, "since": since, "last": last}
    allowed = max(1, min(math.floor(cap), seen.supply) if is_now else math.floor(cap))
    if wanted <= allowed:
        return None, kept
    return Ruling(allowed, NAME, _reason(seen, allowed, seen.at - last)), kept


def _may_try(seen: Observation, since: float, last: float) -> bool:
    """Whether to try more than the cap of `since`; it was saturated at `last`."""
    if (seen.error_rate or 0.0) < FEW_ERRORS:
        return seen.at - since >= MORE_EVERY
    return seen.at - max(since, last) >= PROOF


def is_saturated(seen: Observation) -> bool:
    """Errors come with slow-down."""
    if seen.error_rate is None or not seen.service_time or not seen.usual_service_time:
        return False
    return seen.error_rate > MANY_ERRORS and seen.service_time > SLOWER * seen.usual_service_time


def _reason(seen: Observation, allowed: int, ago: float) -> str:
    if is_saturated(seen):
        failing = f"{100 * (seen.error_rate or 0):.3g} % of executions fail"
        slower = (seen.service_time or 0) / (seen.usual_service_time or 1)
        return (
            f"{failing} and they take {slower:.1f} times as long as usual: what they depend on is saturated, and more "
            f"workers would make it worse. At most {allowed} for now."
        )
    return f"What the jobs depend on was saturated {ago:.0f} s ago: at most {allowed} until it has proved itself."
