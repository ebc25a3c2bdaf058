"""Everything known of one job."""

from __future__ import annotations

from typing import Any

from jobs.backoff import DEFAULT, Backoff
from jobs.states import State
from jobs.store.reader import StoredJob
from jobs.types import DEFAULT_RETENTION, Envelope, Execution, JobRecord

from .items import started_at
from .timeline import Moment, timeline_of
from .wire import Milliseconds, OpaqueJSON, Time, Wire, opaque, time_of


class Attempt(Wire, frozen=True):
    """One past or present execution. `number` counts executions, `attempt` is the budget it was part of.

    `outcome`: failed, lost, released, snoozed, discarded, completed, or running.
    """

    number: int
    attempt: int
    worker: str
    claimed_at: Time | None
    started_at: Time | None
    ended_at: Time | None
    duration: Milliseconds | None
    outcome: str
    error: str | None = None
    error_message: str | None = None
    traceback: str | None = None


class BackoffView(Wire, frozen=True):
    """How long to wait before an attempt: min(base·factor^k, max) ms and up to `jitter` of it more."""

    base: Milliseconds
    factor: float
    max: Milliseconds
    jitter: float


class OptionsView(Wire, frozen=True):
    """What the job was enqueued with, defaults filled in. `retention` null: the installation's."""

    priority: str
    queue: str
    max_retries: int
    timeout: Milliseconds | None
    deduplication_key: str | None
    tags: list[str]
    backoff: BackoffView | None
    retention: Milliseconds | None


class JobView(Wire, frozen=True):
    """One job. Of an unreadable one, what could be decoded; `unreadable` names the parts that could not."""

    job_id: str
    unreadable: list[str]
    type: str | None = None
    status: str | None = None
    queue: str | None = None
    priority: str | None = None
    created_at: Time | None = None
    run_at: Time | None = None
    started_at: Time | None = None
    finished_at: Time | None = None
    duration: Milliseconds | None = None
    attempts_made: int | None = None
    executions: int | None = None
    releases: int | None = None
    snoozes: int | None = None
    worker: str | None = None
    cancel_requested: bool = False
    error: str | None = None
    fingerprint: str | None = None
    payload: OpaqueJSON | None = None
    payload_version: int | None = None
    options: OptionsView | None = None
    progress: OpaqueJSON | None = None
    result: OpaqueJSON | None = None
    attempts: list[Attempt] = []
    timeline: list[Moment] = []
    log: list[str] = []


def view_of(job: StoredJob) -> JobView:
    """The view of what the store holds. Payload and result are the bytes that came in."""
    payload, result = opaque(job.envelope.payload if job.envelope else None), opaque(job.result)
    broken = {"record": job.record is None, "payload": payload is None, "result": bool(job.result) and result is None}
    attempts = attempts_of(job)
    common: dict[str, Any] = {
        "job_id": job.id,
        "unreadable": [part for part, is_broken in broken.items() if is_broken],
        "payload": payload,
        "result": result,
        "progress": opaque(job.progress),
        "attempts": attempts,
        "log": job.log,
    }
    if job.record is None:
        return JobView(**common)
    timeline = timeline_of(job.record, job.history)
    return JobView(**common, **_record_part(job.record), options=_options(job.record, job.envelope), timeline=timeline)


def _record_part(record: JobRecord) -> dict[str, Any]:
    return {
        "type": record.type,
        "status": record.state.label,
        "queue": record.queue,
        "priority": record.priority.label,
        "created_at": time_of(record.created),
        "run_at": time_of(record.ready_at),
        "started_at": time_of(started_at(record)),
        "finished_at": time_of(record.finished),
        "duration": record.duration if record.finished and record.executions else None,
        "attempts_made": record.attempts,
        "executions": record.executions,
        "releases": record.releases,
        "snoozes": record.snoozes,
        "worker": record.worker or None,
        "cancel_requested": bool(record.cancelling),
        "error": record.error or None,
        "fingerprint": record.fingerprint or None,
        "payload_version": record.version,
    }


def _options(record: JobRecord, envelope: Envelope | None) -> OptionsView:
    return OptionsView(
        priority=record.priority.label,
        queue=record.queue,
        max_retries=record.max_retries,
        timeout=envelope.timeout_ms if envelope else None,
        deduplication_key=record.deduplication_key or None,
        tags=list(envelope.tags) if envelope else [],
        backoff=_backoff(envelope.backoff or DEFAULT) if envelope else None,
        retention=None if record.retention == DEFAULT_RETENTION else record.retention,
    )


def _backoff(backoff: Backoff) -> BackoffView:
    base, most = round(backoff.base * 1000), round(backoff.max * 1000)
    return BackoffView(base=base, factor=backoff.factor, max=most, jitter=backoff.jitter)


def attempts_of(job: StoredJob) -> list[Attempt]:
    """Past executions, oldest first; then the one that runs, or the one that completed, which no history holds."""
    past = [_past(execution) for execution in job.history]
    record = job.record
    if record is None or record.state not in (State.ACTIVE, State.COMPLETED):
        return past
    is_over = record.state is State.COMPLETED
    last = Attempt(
        number=record.executions,
        attempt=record.attempts,
        worker=record.worker,
        claimed_at=time_of(record.claimed),
        started_at=time_of(started_at(record)),
        ended_at=time_of(record.finished) if is_over else None,
        duration=record.duration if is_over else None,
        outcome="completed" if is_over else "running",
    )
    return [*past, last]


def _past(execution: Execution) -> Attempt:
    return Attempt(
        number=execution.number,
        attempt=execution.attempt,
        worker=execution.worker,
        claimed_at=time_of(execution.claimed),
        started_at=time_of(execution.claimed + execution.started),
        ended_at=time_of(execution.ended),
        duration=execution.duration,
        outcome=execution.outcome,
        error=execution.error_type or None,
        error_message=execution.message or None,
        traceback=execution.traceback or None,
    )
