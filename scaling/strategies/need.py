"""How many jobs must be able to run at once, and what for."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from scaling.observation import Observation
from scaling.policy import Policy

from .rates import Level, level

UNKNOWN_SERVICE = 1.0
UNKNOWN_STARTUP = 20.0
SHORTEST_GOAL = 0.1


class Need(msgspec.Struct, frozen=True):
    """Slots needed, and what for, in words. A need that does not `last` is gone once it has been met."""

    workers: float
    reason: str
    lasts: bool = False


class Caution(msgspec.Struct, frozen=True):
    """`startup` is that of a worker and `horizon` when a worker launched at the next evaluation claims, both in
    seconds; `share` is 0 when that is within the goal and 1 when it is twice the goal or later."""

    startup: float
    horizon: float
    share: float

    @classmethod
    def of(cls, seen: Observation, policy: Policy) -> Caution:
        """How careful to be with this pool."""
        startup = UNKNOWN_STARTUP if seen.startup_time is None else seen.startup_time
        horizon = max(startup + policy.interval, 0.1)
        goal = max(policy.wait_goal, SHORTEST_GOAL)
        return cls(startup, horizon, min(max(horizon / goal - 1, 0.0), 1.0))


def needs(seen: Observation, policy: Policy, chosen: Mapping[str, float], caution: Caution) -> list[Need]:
    """The slots that the steady load, the load at the horizon and the backlog ask for.

    S is the mean service time, T the goal, H the horizon, q = exp(-H/S) the share of today's jobs still there then.
    """
    service = _service_time(seen)
    goal = max(policy.wait_goal, SHORTEST_GOAL)
    rates = level(seen.arrivals)
    lasting = rates.now + max(rates.steady - rates.now, 0.0) * caution.share
    flow, steady, horizon = rates.now * service, lasting * service, caution.horizon
    mean, spread = _at_the_horizon(seen, flow, math.exp(-horizon / service))
    peak = (mean + chosen["margin"] * caution.share * spread) / (1 + 0.7 * goal / horizon)
    due = seen.due_within(horizon + policy.interval)
    coming = (seen.workers * horizon + seen.starting * horizon / 2) * seen.slots
    backlog = max((seen.waiting + due) * service + flow * horizon - coming, 0.0)
    each = _each(seen, service)
    a_second = f"{rates.now:.3g} jobs a second of {each}"
    return [
        Need(flow, a_second, lasts=True),
        Need(
            steady * (1 + chosen["headroom"] * caution.share),
            f"{lasting:.3g} jobs a second of {each}{_since(rates, caution.share)}",
            lasts=True,
        ),
        Need(mean, f"some {mean:.0f} jobs running or waiting in {horizon:.0f} s"),
        Need(peak, f"{mean:.0f} ± {spread:.0f} jobs running or waiting in {horizon:.0f} s"),
        Need(
            flow + backlog / (goal * (1 - 0.2 * caution.share)),
            f"{a_second}, {seen.waiting} that wait and {due} that fall due, within {goal:g} s",
        ),
    ]


def _at_the_horizon(seen: Observation, flow: float, stays: float) -> tuple[float, float]:
    """Mean and standard deviation of the jobs that run or wait once a share `stays` of today's is still there."""
    running = min(seen.active, seen.supply * seen.slots)
    mean = seen.load * stays + flow * (1 - stays)
    return mean, math.sqrt(running * stays * (1 - stays) + flow * (1 - stays))


def _service_time(seen: Observation) -> float:
    """The mean of what is known lately and in the long run: the one is noisy, the other late."""
    known = [seconds for seconds in (seen.service_time, seen.usual_service_time) if seconds]
    return sum(known) / len(known) if known else UNKNOWN_SERVICE


def _each(seen: Observation, service: float) -> str:
    """What is taken for the time of a job, and of what it is the mean where that is two figures."""
    lately, usual = seen.service_time, seen.usual_service_time
    if lately and usual and f"{lately:.2g}" != f"{usual:.2g}":
        return f"{service:.2g} s each ({lately:.2g} lately, {usual:.2g} usually)"
    return f"{service:.2g} s each"


def _since(rates: Level, share: float) -> str:
    """Where a lasting rate comes from, unless it is that of now."""
    if rates.steady <= rates.now or share <= 0:
        return ""
    if share >= 1:
        return ", as in five minutes before"
    return f", between the {rates.now:.3g} of now and the {rates.steady:.3g} of five minutes before"
