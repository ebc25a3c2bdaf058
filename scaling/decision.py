"""What is to be done with one pool: a strategy's proposal after all guards."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from time import monotonic

import msgspec

from jobs.words import storable

from .errors import LateStrategyError, UnknownStrategyError
from .guards import limits, pace
from .guards.ruling import Ruling, standing
from .guards.saturation import saturation
from .observation import Observation
from .policy import Policy
from .proposal import NOTHING, Proposal
from .record import Record
from .strategies.asking import NoAnswerError, ask
from .strategies.lookup import find

GUARDS = "guards"


class Action(StrEnum):
    """`hold` leaves the fleet as it is although the strategy would not, or because nothing can be known."""

    NONE = "none"
    SCALE_UP = "scale_up"
    SCALE_DOWN = "scale_down"
    HOLD = "hold"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """From how many workers to how many, and why, in one or two sentences.

    `proposed` is what the strategy wanted; `guard` is the last guard that changed that, None where none did. `memory`
    is what strategy and guards want to find in the next call's record; hand it back as it is, whatever the strategy.
    `asked` is how many workers are to be asked for where that is not `target`: more hosts may come. `is_step`: the
    target is that of a strategy which goes step by step, and this one may be larger.
    """

    action: Action
    current: int
    target: int
    proposed: int
    reason: str
    strategy: str
    confidence: float = 1.0
    guard: str | None = None
    memory: Mapping[str, float] = NOTHING
    asked: int | None = None
    is_step: bool = False


def decide(policy: Policy, observation: Observation | None, record: Record, now: float | None = None) -> Decision:
    """Asks the policy's strategy, then the guards. Never raises for what a strategy does.

    `observation` None or older than the policy's `look_back` at `now` (seconds since 1970; None: it is fresh), a figure
    that is no figure, an unknown strategy, one that raises, answers nonsense or takes too long, to be loaded or to
    answer: the fleet is held as it is, and the reason says so.
    """
    if observation is None:
        current = record.steps[-1].decided if record.steps else policy.minimum
        return _hold(policy, current, record, "missing_input", "Nothing is known of the pool now: it is left as it is.")
    trouble = _trouble(observation, policy, now)
    if trouble is not None:
        return _hold(policy, observation.supply, record, "stale_input", trouble)
    try:
        began = monotonic()
        strategy = find(policy.strategy)
        own = Record(record.steps, _of(record.memory, policy.strategy), record.model)
        proposal = ask(strategy, observation, own, policy, monotonic() - began)
    except (LateStrategyError, NoAnswerError) as exc:
        return _hold(policy, observation.supply, record, "broken_strategy", f"{exc}. The pool is left as it is.")
    except UnknownStrategyError as exc:
        return _hold(policy, observation.supply, record, "unknown_strategy", f"{exc}. The pool is left as it is.")
    return _guarded(policy, observation, record, proposal)


def _guarded(policy: Policy, seen: Observation, record: Record, proposal: Proposal) -> Decision:
    rulings: list[Ruling] = []

    def pass_through(ruling: Ruling | None) -> int:
        if ruling is not None:
            rulings.append(ruling)
        return rulings[-1].workers if rulings else proposal.workers

    cap, kept = saturation(proposal.workers, seen, _of(record.memory, GUARDS), policy.maximum)
    wanted = pass_through(cap)
    if cap is None:  # what must be relieved of load is relieved at once
        wanted = pass_through(pace.stabilization(wanted, seen, record, policy))
        if not proposal.is_step:  # of a large fleet one is always less
            wanted = pass_through(pace.tolerance(wanted, seen, policy))
        wanted = pass_through(pace.cooldown(wanted, seen, record, policy))
    wanted = pass_through(limits.steps(wanted, seen, policy))
    wanted = pass_through(limits.bounds(wanted, policy))
    return Decision(
        action=_action(seen.supply, wanted, proposal.workers),
        current=seen.supply,
        target=wanted,
        proposed=proposal.workers,
        reason=" ".join([proposal.reason, *(ruling.reason for ruling in standing(proposal.workers, rulings))]),
        strategy=policy.strategy,
        confidence=proposal.confidence,
        guard=rulings[-1].guard if rulings else None,
        memory=_joined({policy.strategy: proposal.memory, GUARDS: kept}),
        is_step=proposal.is_step and wanted == proposal.workers,
    )


def _action(current: int, target: int, proposed: int) -> Action:
    if target > current:
        return Action.SCALE_UP
    if target < current:
        return Action.SCALE_DOWN
    return Action.NONE if proposed == current else Action.HOLD


def _hold(policy: Policy, current: int, record: Record, guard: str, reason: str) -> Decision:
    return Decision(
        action=Action.HOLD,
        current=current,
        target=current,
        proposed=current,
        reason=storable(reason),
        strategy=policy.strategy,
        confidence=0.0,
        guard=guard,
        memory=record.memory,
    )


def _trouble(seen: Observation, policy: Policy, now: float | None) -> str | None:
    if now is not None and now - seen.at > policy.look_back:
        return f"The newest figures are {now - seen.at:.0f} s old: the pool is left as it is."
    return None if seen.is_credible else "Some of the figures cannot be true: the pool is left as it is."


def _of(memory: Mapping[str, float], owner: str) -> Mapping[str, float]:
    start = f"{owner}:"
    return {key.removeprefix(start): value for key, value in memory.items() if key.startswith(start)}


def _joined(parts: Mapping[str, Mapping[str, float]]) -> Mapping[str, float]:
    return {f"{owner}:{key}": value for owner, part in parts.items() for key, value in part.items()}
