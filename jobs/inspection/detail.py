"""Everything known of one job."""

from __future__ import annotations

from typing import Annotated, Any

from jobs.backoff import DEFAULT, Backoff
from jobs.states import State
from jobs.store.reader import StoredJob
from jobs.types import DEFAULT_RETENTION, Envelope, Execution, JobRecord

from .facts import JobFacts, facts_of, started_at
from .timeline import Moment, timeline_of
from .wire import Milliseconds, OpaqueJSON, Outcome, PriorityWord, Time, Wire, about, opaque, time_of


class Attempt(Wire, frozen=True):
    """One past or present execution."""

    number: Annotated[int, about("Counts all executions of the job, from 1")]
    attempt: Annotated[int, about("How many attempts of the budget were spent then, this one included")]
    worker: Annotated[str, about("The worker that ran it")]
    claimed_at: Annotated[Time | None, about("When the worker took the job")]
    started_at: Annotated[Time | None, about("When the handler began")]
    ended_at: Annotated[Time | None, about("When it ended; null while it runs")]
    duration: Annotated[Milliseconds | None, about("How long the handler ran, in ms; null while it runs")]
    outcome: Annotated[Outcome, about("How it ended")]
    error: Annotated[str | None, about("The class of the error")] = None
    error_message: Annotated[str | None, about("What the error said")] = None
    traceback: Annotated[str | None, about("Where it was raised")] = None


class BackoffView(Wire, frozen=True):
    """How long to wait before an attempt: min(base·factor^k, max) ms and up to `jitter` of it more."""

    base: Annotated[Milliseconds, about("Wait before the first retry, in ms")]
    factor: Annotated[float, about("By how much each wait is longer than the one before")]
    max: Annotated[Milliseconds, about("Longest wait before jitter, in ms")]
    jitter: Annotated[float, about("Up to this share of the wait is added at random")]


class OptionsView(Wire, frozen=True):
    """What the job was enqueued with, defaults filled in. `retention` null: the installation's."""

    priority: Annotated[PriorityWord, about("Within its queue")]
    queue: Annotated[str, about("The queue's name")]
    max_retries: Annotated[int, about("How many attempts may follow the first")]
    timeout: Annotated[Milliseconds | None, about("Longest an execution may take, in ms")]
    deduplication_key: Annotated[str | None, about("Kept from other jobs while this one is unfinished")]
    tags: Annotated[list[str], about("Words to find it by")]
    backoff: Annotated[BackoffView | None, about("The waits between attempts")]
    retention: Annotated[Milliseconds | None, about("How long it is kept after its end, in ms; null: as configured")]


class JobView(JobFacts, frozen=True, kw_only=True):
    """One job. Of an unreadable one, what could be decoded; `unreadable` names the parts that could not."""

    unreadable: Annotated[list[str], about("Parts that could not be decoded: record, payload, result; usually none")]
    attempts_made: Annotated[int | None, about("Attempts spent of its budget; a retry gives a new budget")] = None
    executions: Annotated[int | None, about("How often a worker took it, over its whole life")] = None
    releases: Annotated[int | None, about("How often a worker gave it back unfinished, which costs no attempt")] = None
    snoozes: Annotated[int | None, about("How often its handler put it off, which costs no attempt")] = None
    cancel_requested: Annotated[bool, about("Its worker was asked to end it")] = False
    payload: Annotated[
        OpaqueJSON | None, about("What it was enqueued with: any JSON; masked where the caller may not see it")
    ] = None
    payload_version: Annotated[int | None, about("Goes up by one with each payload put in place of another")] = None
    options: Annotated[OptionsView | None, about("How to run it")] = None
    progress: Annotated[OpaqueJSON | None, about("What its handler reported last: any JSON; masked likewise")] = None
    result: Annotated[OpaqueJSON | None, about("What its handler returned: any JSON; masked likewise")] = None
    attempts: Annotated[list[Attempt], about("Its executions, oldest first")] = []
    timeline: Annotated[list[Moment], about("What happened to it, in order")] = []
    rerun_of: Annotated[str | None, about("The job that this one was made like, by running it again")] = None
    reruns: Annotated[list[str], about("Jobs that were made like this one since it was over, at most 20")] = []
    log: Annotated[list[str], about("Lines that its handler wrote, oldest first")] = []


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
        "rerun_of": (job.envelope and job.envelope.rerun_of) or None,
        "log": job.log,
    }
    if job.record is None:
        return JobView(**common)
    timeline = timeline_of(job.record, job.history)
    return JobView(**common, **_record_part(job.record), options=_options(job.record, job.envelope), timeline=timeline)


def _record_part(record: JobRecord) -> dict[str, Any]:
    return {
        **facts_of(record),
        "attempts_made": record.attempts,
        "executions": record.executions,
        "releases": record.releases,
        "snoozes": record.snoozes,
        "cancel_requested": bool(record.cancelling),
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
