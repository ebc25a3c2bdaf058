"""Decisions that no strategy makes: what people have ordered, and the first worker of a pool at zero."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import msgspec

from jobs.store.scaling import Kept
from jobs.words import lasting, several

from .actuators.actuator import Bar
from .decision import GUARDS, Action, Decision
from .guards.limits import bounds
from .observation import Observation
from .orders import ByHand, Paused, by_hand, paused
from .policy import Policy
from .record import read_steps

BY_HAND: Final = "by_hand"
PAUSED: Final = "paused"
UNKNOWN: Final = "missing_input"
AWAKE: Final = "awake"
PODS: Final = "pods"
BARRED: Final = "not_ours"
FLAWED: Final = "flawed"
COMING: Final = "coming"
FULL: Final = "hosts_full"
KEPT: Final = "hosts_keep"
UNHEARD: Final = "unheard"
DELAYING: Final = ("cooldown_down", "stabilization", "tolerance")
BROKEN: Final = frozenset({"unknown_strategy", "broken_strategy"})
LEFT: Final = frozenset({PAUSED, UNKNOWN, "stale_input"}) | BROKEN


def ordered(kept: Kept, seen: Observation, policy: Policy) -> Decision | None:
    """What follows from an order that holds; None where the strategy decides."""
    if pause := paused(kept):
        return _decision(seen.supply, seen.supply, policy, PAUSED, _pause(pause))
    if order := by_hand(kept, seen.at * 1000):
        limit = bounds(order.workers, policy)  # which may have changed since
        workers, why = (limit.workers, f" {limit.reason}") if limit else (order.workers, "")
        return _decision(_before(kept, order, seen), workers, policy, BY_HAND, f"{_order(order, seen.at)}{why}")
    return None


def unseen(seen: Observation, policy: Policy) -> Decision:
    """What is decided for a pool whose queues nobody knows: it is left as it is."""
    reason = "Nobody has said which queues the pool serves: it is left as it is."
    held = _decision(seen.supply, seen.supply, policy, UNKNOWN, reason)
    return msgspec.structs.replace(held, action=Action.HOLD, confidence=0.0)


def _before(kept: Kept, order: ByHand, seen: Observation) -> int:
    """The workers before an order: it acts at once, and the decision after it tells of that."""
    if kept.desired != order.workers or kept.before is None or kept.changed_ms <= _last_decision(kept) * 1000:
        return seen.supply
    return kept.before


def _last_decision(kept: Kept) -> float:
    """When the last decision was made (s); 0 where that is not known."""
    steps = read_steps(kept.steps[-1:])
    return steps[0].observation.at if steps else 0.0


def _decision(current: int, target: int, policy: Policy, guard: str, reason: str) -> Decision:
    return Decision(
        action=_action(current, target),
        current=current,
        target=target,
        proposed=target,
        reason=reason,
        strategy=policy.strategy,
        guard=guard,
    )


def _action(current: int, target: int) -> Action:
    return Action.SCALE_UP if target > current else Action.SCALE_DOWN if target < current else Action.HOLD


def _order(order: ByHand, now: float) -> str:
    seconds = math.ceil(order.until_ms / 1000 - now)
    span = f"{seconds} s" if seconds < 60 else lasting(seconds * 1000)
    left = f"for {span} more" if order.until_ms else "until scaling is resumed"
    return f"{order.by or 'Somebody'} wants {several(order.workers, 'worker')} {left}{_because(order.reason)}."


def _pause(pause: Paused) -> str:
    return f"{pause.by or 'Somebody'} has paused scaling: the pool is left as it is{_because(pause.reason)}."


def _because(reason: str) -> str:
    return f" ({reason.rstrip('.')})" if reason else ""


def followed(
    decision: Decision, seen: Observation, desired: int | None, policy: Policy, obeying: Callable[[int], int] | None
) -> Decision:
    """The decision as far as its pool can follow it, of which `desired` workers have been asked for before.

    `obeying` says how many there would be of so many that are asked for, 0 where no supervisor of the pool lives; None:
    its workers have none.
    """
    decision = not_fewer(decision, desired, policy)
    if obeying is None:
        return decision
    possible = obeying(decision.target)
    return within_hosts(decision, possible) if possible else unheard(decision, seen, desired)


def unheard(decision: Decision, seen: Observation, desired: int | None) -> Decision:
    """A hold where workers have been asked for before and nobody lives who could bring them; they still are."""
    if desired is None or not seen.supply < min(decision.target, desired):
        return decision
    wanted, why = decision.target, "No supervisor of the pool lives"
    return msgspec.structs.replace(
        decision,
        action=Action.HOLD,
        target=decision.current,
        asked=wanted,
        guard=UNHEARD,
        reason=f"{decision.reason} {why}: {wanted} are asked for, and nobody follows.",
    )


def wished(decision: Decision) -> int:
    """How many workers are remembered as decided on: also those that nobody lives to bring."""
    return decision.asked if decision.guard == UNHEARD and decision.asked is not None else decision.target


def not_fewer(decision: Decision, desired: int | None, policy: Policy) -> Decision:
    """The decision, or as many workers as are `desired` already where a growth would take some of those back.

    Limits like "two more at a time" count from the workers that are there, and those which are awaited come on top.
    Unless the pool may not have so many any more, or what its jobs depend on is saturated.
    """
    awaited = min(desired or 0, policy.maximum)
    is_told = decision.guard == BY_HAND or f"{GUARDS}:cap" in decision.memory
    if is_told or not decision.current < decision.target < awaited:
        return decision
    reason = f"{decision.reason} {awaited} are awaited already, and growth takes none of them back."
    return msgspec.structs.replace(decision, target=awaited, guard=COMING, reason=reason)


def within_hosts(decision: Decision, possible: int) -> Decision:
    """The decision as far as the pool's hosts can follow it, of whose workers `possible` would be there; 0: not known.

    Workers for whom they have no room are asked for all the same: other hosts may come.
    """
    more = None
    if max(decision.current, possible) < decision.target and possible:
        guard, target, more = FULL, max(decision.current, possible), decision.target
        why = f"Its hosts can run {possible} at most."
    elif decision.target < min(decision.current, possible):
        guard, target, why = KEPT, min(decision.current, possible), f"Its hosts keep {possible} at least."
    else:
        return decision
    return msgspec.structs.replace(
        decision,
        action=_action(decision.current, target),
        target=target,
        asked=more,
        guard=guard,
        reason=f"{decision.reason} {why}",
    )


def asked(decision: Decision, desired: int | None, maximum: int) -> int | None:
    """What the `desired` count of the pool is to become; None: it is left as it is.

    It may be that the pool did not follow, so that another count stands there than what is decided not to change. What
    leaves the pool as it is leaves that too; and what only delays a change takes back none that is under way.
    """
    wanted = decision.target if decision.asked is None else decision.asked
    if decision.action in (Action.SCALE_UP, Action.SCALE_DOWN):
        return wanted
    if desired is None:
        return wanted if decision.action is Action.NONE else None
    is_under_way = (decision.guard == "cooldown_up" and wanted < desired <= maximum) or (
        decision.guard in DELAYING and desired < wanted
    )
    return None if wanted == desired or decision.guard in LEFT or is_under_way else wanted


def in_units(decision: Decision, unit: int, policy: Policy, waiting: int = 0) -> Decision:
    """The decision in whole pods of `unit` workers: rounded up, unless that were more than the pool may have.

    A step down is a pod at least, for otherwise it were none; not the last pod while jobs are `waiting`.
    """
    if decision.target == decision.current or not decision.target % unit:
        return decision
    pods = math.ceil(decision.target / unit)
    if pods * unit > policy.maximum:
        pods = max(policy.maximum // unit, 1)
    least = max(policy.minimum, 1 if waiting else 0)
    if decision.is_step and pods * unit >= decision.current > decision.target and (pods - 1) * unit >= least:
        pods -= 1
    target = pods * unit
    return msgspec.structs.replace(
        decision,
        action=_action(decision.current, target),
        target=target,
        guard=PODS,
        reason=f"{decision.reason} A pod has {unit} workers: {several(pods, 'pod')} for {target}.",
    )


def barred(decision: Decision, bar: Bar) -> Decision:
    """The decision as it is recorded where nothing may be carried out."""
    return msgspec.structs.replace(decision, guard=BARRED, reason=f"{decision.reason} {bar.why}")


def flawed(decision: Decision, flaw: str) -> Decision:
    """The decision where the one before could not be carried out as it should."""
    return msgspec.structs.replace(decision, guard=FLAWED, reason=f"{decision.reason} {flaw}")


def woken(decision: Decision, seen: Observation, policy: Policy) -> Decision:
    """The decision, or one worker where it would leave jobs that wait without any."""
    if decision.target or not seen.waiting or policy.maximum < 1:
        return decision
    return msgspec.structs.replace(
        decision,
        action=_action(seen.supply, 1),
        target=1,
        guard=AWAKE,
        reason=f"{decision.reason} Jobs wait, so that one worker has to be there.",
    )
