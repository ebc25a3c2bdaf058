"""What goes out of a look at a pool: how it moved, what is seen, what each strategy would do."""

from __future__ import annotations

from typing import Annotated

import msgspec

from jobs.clock import isoformat, to_instant_ms
from jobs.inspection.wire import Milliseconds, Time, Wire, about
from jobs.redaction import Redactor
from scaling.decision import Decision
from scaling.models import ScalingDecision
from scaling.record import Step

from .answers import ActionWord
from .timeline import due_soon

Column = list[int | None]
Answer = tuple[str, str, Decision]  # name and title of a strategy, and what would be decided with it


class ChangeView(Wire, frozen=True):
    """A decision that changed something."""

    id: Annotated[int, about("Of the decision")]
    at: Annotated[Time, about("When it was made first")]
    last_at: Annotated[Time, about("When it was made for the last time in a row: its sentence is of then")]
    action: Annotated[ActionWord, about("What it means")]
    current: Annotated[int, about("Workers before")]
    target: Annotated[int, about("Workers after")]
    reason: Annotated[str, about("Why, in a sentence or two")]
    dry_run: Annotated[bool, about("Whether it was recorded only")]

    @classmethod
    def of(cls, row: ScalingDecision, redactor: Redactor | None) -> ChangeView:
        """The view of a row; what `redactor` hides is masked in its sentence."""
        reason = redactor.mask_text(row.reason) if redactor else row.reason
        return cls(
            id=row.pk,
            at=isoformat(to_instant_ms(row.at)),
            last_at=isoformat(to_instant_ms(row.last_at)),
            action=row.action,
            current=row.current,
            target=row.target,
            reason=reason,
            dry_run=row.dry_run,
        )


class PoolHistory(Wire, frozen=True):
    """A pool over time: columns of the same length, oldest first. null is a gap that nobody recorded."""

    pool: Annotated[str, about("The pool's name")]
    start: Annotated[Time, about("When the first point begins")] = msgspec.field(name="from")
    step: Annotated[Milliseconds, about("How long a point stands for")]
    desired: Annotated[Column, about("Workers that it should have had: the most in each point")]
    current: Annotated[Column, about("Workers that lived: the most that were seen")]
    queued: Annotated[Column, about("Jobs that could be claimed: the most that were seen")]
    running: Annotated[Column, about("Jobs that ran: the most that were seen")]
    due: Annotated[Column, about("Jobs put off that were to become claimable within a minute: the most seen")]
    latency: Annotated[Column, about("Age of the job that waited longest, in milliseconds: the most that was seen")]
    within_goal: Annotated[
        float | None, about("The share of the jobs ended in the range that had begun within the wait goal; null: none")
    ]
    changes: Annotated[list[ChangeView], about("The last 100 decisions that changed something, latest first")]
    peak: Annotated[ChangeView | None, about("The decision that led to the most workers; null: none made it grow")]


class SightView(Wire, frozen=True):
    """What the scaler saw of a pool. null: not known."""

    at: Annotated[Time, about("When it looked")]
    age: Annotated[Milliseconds, about("How long ago that was")]
    workers: Annotated[int, about("Workers that claim jobs")]
    starting: Annotated[int, about("Workers that were launched and do not claim yet")]
    draining: Annotated[int, about("Workers that claim nothing more")]
    slots: Annotated[int, about("Jobs that a worker runs at once")]
    utilisation: Annotated[float, about("The share of slots that run a job, 0 to 1")]
    waiting: Annotated[int, about("Jobs that can be claimed")]
    active: Annotated[int, about("Jobs that run")]
    due: Annotated[int, about("Jobs put off that become claimable within a minute")]
    oldest_age: Annotated[Milliseconds, about("How long the job has waited that waits longest")]
    in_per_second: Annotated[float | None, about("Jobs that came a second, over the last minute")]
    out_per_second: Annotated[float | None, about("Jobs that ended for good a second, over the last minute")]
    service_time: Annotated[float | None, about("Mean processing time lately, in milliseconds")]
    usual_service_time: Annotated[float | None, about("Mean processing time of the last day, in milliseconds")]
    error_rate: Annotated[float | None, about("The share of executions of the last minute that failed, 0 to 1")]
    startup_time: Annotated[Milliseconds | None, about("From the launch of a worker to its first claim, as measured")]

    @classmethod
    def of(cls, step: Step, now_ms: int) -> SightView:
        """The view of what was seen."""
        seen = step.observation
        return cls(
            at=isoformat(round(seen.at * 1000)),
            age=max(0, now_ms - round(seen.at * 1000)),
            workers=seen.workers,
            starting=seen.starting,
            draining=seen.draining,
            slots=seen.slots,
            utilisation=round(seen.utilisation, 4),
            waiting=seen.waiting,
            active=seen.active,
            due=due_soon(step),
            oldest_age=max(0, round(seen.oldest_age * 1000)),
            in_per_second=seen.arrivals.last_60s,
            out_per_second=seen.completions.last_60s,
            service_time=_ms(seen.service_time),
            usual_service_time=_ms(seen.usual_service_time),
            error_rate=seen.error_rate,
            startup_time=None if seen.startup_time is None else max(0, round(seen.startup_time * 1000)),
        )


class ProposalView(Wire, frozen=True):
    """What one strategy would do."""

    strategy: Annotated[str, about("Its name, or its dotted path")]
    title: Annotated[str, about("Its name for people")]
    active: Annotated[bool, about("Whether the policy has it")]
    action: Annotated[ActionWord, about("What it would mean")]
    proposed: Annotated[int, about("Workers that it proposes")]
    target: Annotated[int, about("Workers after all guards")]
    guard: Annotated[str | None, about("The guard that would change what it proposes; null: none")]
    confidence: Annotated[float, about("How sure it is, 0 to 1")]
    reason: Annotated[str, about("Why, in a sentence or two")]

    @classmethod
    def of(cls, active: str, answer: Answer, redactor: Redactor | None) -> ProposalView:
        """The view of what a strategy called so and for people so would do; `active` is the policy's."""
        name, title, decision = answer
        return cls(
            strategy=name,
            title=title,
            active=name == active,
            action=decision.action,
            proposed=decision.proposed,
            target=decision.target,
            guard=decision.guard,
            confidence=decision.confidence,
            reason=redactor.mask_text(decision.reason) if redactor else decision.reason,
        )


class Proposals(Wire, frozen=True):
    """What each strategy would do now, by what was seen last."""

    pool: Annotated[str, about("The pool's name")]
    seen: Annotated[SightView | None, about("What was seen last; null: nothing within the last hour")]
    items: Annotated[list[ProposalView], about("One a strategy, that of the policy first; none where nothing was seen")]


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
