"""How many jobs must be able to run at once, and what for."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from scaling.observation import Observation
from scaling.policy import Policy

from .rates import Level, level
from .words import LITTLE, jobs, left, plain

UNKNOWN_SERVICE = 1.0
UNKNOWN_STARTUP = 20.0
SHORTEST_GOAL = 0.1
MANY, LEAP = 100.0, 1.5
"""Jobs of the last minute whose mean is taken for the whole truth where it is so many times the usual one, or less."""


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
    service, rates = _service_time(seen), level(seen.arrivals)
    goal = max(policy.wait_goal, SHORTEST_GOAL)
    lasting = rates.now + max(rates.steady - rates.now, 0.0) * caution.share
    flow, steady, horizon = rates.now * service, lasting * service, caution.horizon
    mean, spread = _at_the_horizon(seen, flow, math.exp(-horizon / service))
    margin, part = chosen["margin"] * caution.share * spread, 1 / (1 + 0.7 * goal / horizon)
    due = seen.due_within(horizon + policy.interval)
    coming = (seen.workers * horizon + seen.starting * horizon / 2) * seen.slots
    backlog = max((seen.waiting + due) * service + flow * horizon - coming, 0.0)
    within, headroom = goal * (1 - 0.2 * caution.share), chosen["headroom"] * caution.share
    top, soon, clears = steady * (1 + headroom), (mean + margin) * part, backlog / within
    each, little = _each(seen, service), _little(seen, rates)
    now, before = f"{jobs(rates.now)} a second {each}", f"{jobs(lasting)} a second {each}"
    then, sure = f"{jobs(mean)} that run or wait in {horizon:.0f} s", f"of which {plain(100 * part)} % at once"
    rest, few = left(backlog / service, horizon, seen.waiting, due), f"{little} in {horizon:.0f} s"
    rest = f"{rest}, {each}" if flow < LITTLE else f"{now}, and {rest}"
    is_few, told = mean < LITTLE and soon <= 1, little if flow < LITTLE else now
    return [
        Need(flow, told, lasts=True),
        Need(top, little if top < LITTLE else f"{before}{_since(rates, caution.share)}{_on_top(headroom)}", lasts=True),
        Need(mean, few if mean < LITTLE else then),
        Need(soon, f"{few}, to be safe" if is_few else f"{then} and {plain(margin)} more to be safe, {sure}"),
        Need(flow + clears, f"{rest}, within {plain(within)} s" if clears >= LITTLE else told),
        *_kept(seen, policy, service, flow, horizon + within),
    ]


def _kept(seen: Observation, policy: Policy, service: float, flow: float, within: float) -> list[Need]:
    """The slots that stay while jobs wait, for the backlog that would come of sending away what works on it.

    They clear what waits within a time that begins now; once jobs are late, before the next evaluation. No more than
    there are, nor than there are jobs for.
    """
    if not seen.waiting:
        return []
    seconds = max(policy.interval, SHORTEST_GOAL) if seen.oldest_age > policy.wait_goal else within
    slots, there = flow + seen.waiting * service / seconds, seen.supply * seen.slots
    if slots >= min(there, seen.load):
        why = f"{jobs(seen.load)} that run or wait" if seen.load < there else f"{jobs(seen.waiting)} waiting: all stay"
        return [Need(min(there, seen.load), why)]
    each, waiting = _each(seen, service), f"{jobs(seen.waiting)} waiting"
    now = f"{jobs(flow / service)} a second {each}, and {waiting}"
    return [Need(slots, f"{now if flow >= LITTLE else f'{waiting} {each}'}, within {plain(seconds)} s")]


def _at_the_horizon(seen: Observation, flow: float, stays: float) -> tuple[float, float]:
    """Mean and standard deviation of the jobs that run or wait once a share `stays` of today's is still there."""
    running = min(seen.active, seen.supply * seen.slots)
    mean = seen.load * stays + flow * (1 - stays)
    return mean, math.sqrt(running * stays * (1 - stays) + flow * (1 - stays))


def _service_time(seen: Observation) -> float:
    """The mean of what is known lately and in the long run: the one is noisy, the other late.

    Where many jobs of the last minute took quite another time than usual, the usual time is over.
    """
    lately, usual = seen.service_time, seen.usual_service_time
    if not lately or not usual:
        return lately or usual or UNKNOWN_SERVICE
    ended = 60.0 * (seen.completions.last_60s or 0.0)
    is_over = ended >= MANY and not 1 / LEAP < lately / usual < LEAP
    return lately if is_over else (lately + usual) / 2


def _each(seen: Observation, service: float) -> str:
    """What is taken for the time of a job: of what it is the mean where that is two figures."""
    lately, usual = seen.service_time, seen.usual_service_time
    told = f"of {plain(service)} s each"
    if lately and usual and plain(lately) != plain(usual):
        return f"{told} ({plain(lately)} lately, {plain(usual)} usually)"
    return told if lately or usual else f"{told} (none has been measured)"


def _little(seen: Observation, rates: Level) -> str:
    """What there is to do where that is less than a small part of a job at once."""
    if seen.load or max(rates.now, rates.steady) > 0:
        return "next to nothing to do"
    is_counted = any(rate is not None for rate in msgspec.structs.astuple(seen.arrivals))
    return f"nothing: no jobs wait{', run or come' if is_counted else ' or run'} now"


def _on_top(headroom: float) -> str:
    return f", and {plain(100 * headroom)} % on top" if headroom > 0 else ""


def _since(rates: Level, share: float) -> str:
    """Where a lasting rate comes from, unless it is that of now."""
    if rates.steady <= rates.now or share <= 0:
        return ""
    if share >= 1:
        return ", as over the last five minutes"
    return f", between the {plain(rates.now)} of now and the {plain(rates.steady)} of the last five minutes"
