"""Decisions that people have made already."""

from __future__ import annotations

from typing import Final

from jobs.store.scaling import Kept

from .decision import Action, Decision
from .observation import Observation
from .orders import ByHand, Paused, by_hand, paused
from .policy import Policy

BY_HAND: Final = "by_hand"
PAUSED: Final = "paused"


def ordered(kept: Kept, seen: Observation, policy: Policy) -> Decision | None:
    """What follows from an order that holds; None where the strategy decides."""
    if pause := paused(kept):
        return _decision(seen.supply, seen, policy, PAUSED, _pause(pause))
    if order := by_hand(kept, seen.at * 1000):
        return _decision(order.workers, seen, policy, BY_HAND, _order(order, seen.at))
    return None


def _decision(target: int, seen: Observation, policy: Policy, guard: str, reason: str) -> Decision:
    current = seen.supply
    action = Action.SCALE_UP if target > current else Action.SCALE_DOWN if target < current else Action.HOLD
    return Decision(
        action=action,
        current=current,
        target=target,
        proposed=target,
        reason=reason,
        strategy=policy.strategy,
        guard=guard,
    )


def _order(order: ByHand, now: float) -> str:
    left = f"for {round(order.until_ms / 1000 - now):,} s more" if order.until_ms else "until scaling is resumed"
    return f"{order.by or 'Somebody'} wants {order.workers} workers {left}{_because(order.reason)}."


def _pause(pause: Paused) -> str:
    return f"{pause.by or 'Somebody'} has paused scaling: the pool is left as it is{_because(pause.reason)}."


def _because(reason: str) -> str:
    return f" ({reason.rstrip('.')})" if reason else ""
