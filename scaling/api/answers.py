"""What goes out: pools with their policies, decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from jobs.clock import isoformat, to_instant_ms
from jobs.inspection.wire import Milliseconds, Time, Wire, about, time_of, words
from jobs.redaction import Redactor
from scaling import orders
from scaling.decision import Action
from scaling.models import ScalingDecision, ScalingPolicy
from scaling.models.actuator_name import ActuatorName

from .bodies import MILLISECONDS

ActionWord = Annotated[str, words("ScalingAction", Action)]


class PolicyView(Wire, frozen=True):
    """How a pool is scaled. Durations are in milliseconds."""

    enabled: Annotated[bool, about("Whether anybody decides for the pool")]
    dry_run: Annotated[bool, about("Whether decisions are recorded only, and not carried out")]
    actuator: Annotated[str, words("Actuator", ActuatorName)]
    namespace: Annotated[str, about("Kubernetes: that of the Deployment; empty: the scaler's own")]
    deployment: Annotated[str, about("Kubernetes: the Deployment that is the pool; empty: it has the pool's name")]
    workers_per_pod: Annotated[int, about("Kubernetes: workers in each pod")]
    strategy: Annotated[str, about("Its name, or its dotted path")]
    minimum: Annotated[int, about("Fewest workers")]
    maximum: Annotated[int, about("Most workers")]
    scale_up_threshold: Annotated[int, about("Waiting jobs above which it grows")]
    scale_down_threshold: Annotated[int, about("Waiting jobs below which it shrinks")]
    cooldown_up: Annotated[Milliseconds, about("After a change, until it may grow")]
    cooldown_down: Annotated[Milliseconds, about("After a change, until it may shrink")]
    step_up: Annotated[int | None, about("Most workers added at once; null: no limit")]
    step_down: Annotated[int | None, about("Most taken away at once; null: no limit")]
    stabilization: Annotated[Milliseconds, about("It shrinks to the largest number proposed in so long at most")]
    tolerance: Annotated[float, about("The share for less than which it does not shrink")]
    wait_goal: Annotated[Milliseconds, about("Within which jobs should start")]
    goal_share: Annotated[float, about("The share of jobs that should")]
    interval: Annotated[Milliseconds, about("Between two decisions")]
    look_back: Annotated[Milliseconds, about("The age from which figures decide nothing")]
    parameters: Annotated[dict[str, float], about("Numbers for the strategy that differ from its own")]

    @classmethod
    def of(cls, policy: ScalingPolicy) -> PolicyView:
        """The view of a policy."""
        facts = policy.facts()
        for name in MILLISECONDS:
            facts[name] = round(facts[name] * 1000)
        return cls(**facts)


class HandView(Wire, frozen=True):
    """A number of workers by order."""

    workers: Annotated[int, about("So many")]
    until: Annotated[Time | None, about("Until when; null: until scaling is resumed")]
    by: Annotated[str, about("Who ordered it")]
    reason: Annotated[str | None, about("Why")]


class PauseView(Wire, frozen=True):
    """A pause of scaling."""

    since: Annotated[Time, about("Since when")]
    by: Annotated[str, about("Who ordered it")]
    reason: Annotated[str | None, about("Why")]


class DecisionView(Wire, frozen=True):
    """A decision, or several in a row that say the same: with sentence, confidence, proposal and inputs of the last."""

    id: Annotated[int, about("Counts the decisions")]
    at: Annotated[Time, about("When it was made first")]
    last_at: Annotated[
        Time, about("When it was made for the last time in a row: its sentence and its inputs are of then")
    ]
    repeats: Annotated[int, about("How often again in a row")]
    action: Annotated[ActionWord, about("What it means")]
    current: Annotated[int, about("Workers before")]
    target: Annotated[int, about("Workers after")]
    proposed: Annotated[int, about("Workers that the strategy proposed")]
    reason: Annotated[str, about("Why, in a sentence or two, by the inputs")]
    confidence: Annotated[float, about("How sure the strategy was, 0 to 1")]
    strategy: Annotated[str, about("The strategy that was asked")]
    guard: Annotated[str | None, about("The guard that changed what the strategy proposed; null: none")]
    dry_run: Annotated[bool, about("Whether it was recorded only")]
    inputs: Annotated[dict[str, Any], about("What was seen at `lastAt`: figures by name, times in seconds")]

    @classmethod
    def of(cls, row: ScalingDecision, redactor: Redactor | None = None) -> DecisionView:
        """The view of a row; what `redactor` hides is masked in its sentence."""
        reason = redactor.mask_text(row.reason) if redactor else row.reason
        return cls(
            id=row.pk,
            at=isoformat(to_instant_ms(row.at)),
            last_at=isoformat(to_instant_ms(row.last_at)),
            repeats=row.repeats,
            action=row.action,
            current=row.current,
            target=row.target,
            proposed=row.proposed,
            reason=reason,
            confidence=row.confidence,
            strategy=row.strategy,
            guard=row.guard or None,
            dry_run=row.dry_run,
            inputs=row.inputs,
        )


class DecisionPage(Wire, frozen=True):
    """A page of decisions, latest first."""

    items: Annotated[list[DecisionView], about("Decisions, latest first")]
    next_cursor: Annotated[str | None, about("Where the next page begins; null after the last one")]


class PoolScaling(Wire, frozen=True):
    """A pool, its policy, and what became of it last."""

    pool: Annotated[str, about("The pool's name")]
    version: Annotated[int, about("Of the policy; 0: environment variables say how, and nobody has saved one yet")]
    policy: Annotated[PolicyView, about("How it is scaled")]
    changed_at: Annotated[Time | None, about("When the policy was changed last")]
    changed_by: Annotated[str | None, about("Who did")]
    desired: Annotated[int | None, about("How many workers it should have; null: nobody has said")]
    current: Annotated[int, about("How many workers live")]
    most: Annotated[int, about("How many workers its living supervisors can run together")]
    latency: Annotated[
        Milliseconds | None, about("The age of the job that waited longest lately; null: nobody has looked lately")
    ]
    holds_goal: Annotated[bool | None, about("Whether that is within the wait goal; null: nobody knows")]
    owner: Annotated[str | None, about("Who else drives the pool, so that it is observed only; null: nobody")]
    trouble: Annotated[str | None, about("In what the pool does not do as it is told; null: it does")]
    by_hand: Annotated[HandView | None, about("The number of workers that somebody ordered; null: nobody")]
    paused: Annotated[PauseView | None, about("The pause that somebody ordered; null: nobody")]
    last_decision: Annotated[DecisionView | None, about("What was decided last; null: nothing yet")]
    at: Annotated[Time, about("The store's time of this answer")]


class PoolList(Wire, frozen=True):
    """All pools."""

    items: Annotated[list[PoolScaling], about("The pools, by name; 100 at most")]
    more: Annotated[int, about("How many more pools there are, which are left out")]


def hand_view(order: orders.ByHand | None) -> HandView | None:
    """The view of an order."""
    if order is None:
        return None
    return HandView(workers=order.workers, until=time_of(order.until_ms), by=order.by, reason=order.reason or None)


def pause_view(order: orders.Paused | None) -> PauseView | None:
    """The view of a pause."""
    if order is None:
        return None
    return PauseView(since=isoformat(order.since_ms), by=order.by, reason=order.reason or None)


def views(rows: Sequence[ScalingDecision], redactor: Redactor | None) -> list[DecisionView]:
    """The views of some rows."""
    return [DecisionView.of(row, redactor) for row in rows]
