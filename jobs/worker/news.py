"""Tells this process what happened to a job: events, middleware and the log."""

from __future__ import annotations

from typing import Final

from jobs.events import Event, EventName, announcer
from jobs.logs import get_logger
from jobs.middleware import Chain
from jobs.store.codes import SettleCode
from jobs.store.outcomes import Completed, Discarded, Failed, Outcome, Parked, Released, Snoozed

from .held import Held

_log = get_logger(__name__)
_NAMES: Final[dict[type, EventName]] = {
    Completed: EventName.COMPLETED,
    Failed: EventName.RETRYING,
    Released: EventName.RELEASED,
    Snoozed: EventName.SNOOZED,
    Parked: EventName.PARKED,
    Discarded: EventName.CANCELLED,
}


def event_of(held: Held, name: EventName, duration_ms: int = -1, reason: str = "") -> Event:
    """The event that something happened to the job."""
    record = held.claim.record
    return Event(
        name=name,
        job_id=held.claim.id,
        type=record.type,
        queue=record.queue,
        attempt=record.attempts,
        worker=record.worker,
        wait_ms=max(record.claimed - record.ready_at, 0),
        duration_ms=duration_ms,
        reason=reason,
    )


class News:
    """Called once for each job that was settled."""

    def __init__(self, chain: Chain, worker: str) -> None:
        self._chain = chain
        self._worker = worker

    def settled(self, held: Held, code: SettleCode) -> None:
        """The store has answered `code` to the job's outcome."""
        outcome = held.outcome
        name = _name(outcome, code)
        if name is not EventName.COMPLETED:
            self._tell(held, name)
        _log.debug("settled", **held.names, worker=self._worker, outcome=name.value, durationMs=_duration(outcome))
        if announcer:
            announcer.announce(event_of(held, name, _duration(outcome), _reason(outcome)))
        if self._chain and held.job is not None:
            self._chain.on_settled(held.job, name.value)

    def _tell(self, held: Held, name: EventName) -> None:
        names = {**held.names, "worker": self._worker}
        if name is EventName.LEASE_LOST:
            _log.warning("the lease was lost: what became of the job is not recorded", **names)
        elif name is EventName.DEAD:
            _log.error("the job failed and is dead", **names, error=_reason(held.outcome))
        elif name is EventName.RETRYING and isinstance(held.outcome, Failed):
            _log.warning("the job failed", **names, error=_reason(held.outcome), retryInMs=held.outcome.delay_ms)
        elif name is EventName.CANCELLED:
            _log.info("the job is cancelled", **names, reason=_reason(held.outcome))


def _name(outcome: Outcome | None, code: SettleCode) -> EventName:
    if code is SettleCode.LEASE_LOST:
        return EventName.LEASE_LOST
    if code is SettleCode.CANCELLED:
        return EventName.CANCELLED
    if code is SettleCode.EXHAUSTED:
        return EventName.DEAD
    return _NAMES[type(outcome)]


def _duration(outcome: Outcome | None) -> int:
    return getattr(outcome, "duration_ms", -1)


def _reason(outcome: Outcome | None) -> str:
    return outcome.failure.summary if isinstance(outcome, Failed) else getattr(outcome, "reason", "")
