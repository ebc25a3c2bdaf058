"""One line of a list of jobs."""

from __future__ import annotations

from typing import Annotated

from jobs.states import State
from jobs.store.browser import Head, Row
from jobs.types import JobRecord

from .wire import JobStatus, Milliseconds, PriorityWord, Time, Wire, about, time_of

PREVIEW = 200


class JobItem(Wire, frozen=True):
    """A job in a list. Of an unreadable one nothing is known but its id; it can be deleted."""

    job_id: Annotated[str, about("The job's id")]
    unreadable: Annotated[bool, about("It could not be decoded; usually false")] = False
    type: Annotated[str | None, about("What kind of job it is: the name of its handler")] = None
    status: Annotated[JobStatus | None, about("Where it is")] = None
    queue: Annotated[str | None, about("The queue that it came from or waits in")] = None
    priority: Annotated[PriorityWord | None, about("Within its queue")] = None
    created_at: Annotated[Time | None, about("When it was enqueued")] = None
    run_at: Annotated[Time | None, about("When it may start, or its next attempt may")] = None
    started_at: Annotated[Time | None, about("When its latest execution began")] = None
    finished_at: Annotated[Time | None, about("When it was over")] = None
    duration: Annotated[Milliseconds | None, about("How long its last execution took, in ms; null before")] = None
    attempts: Annotated[int | None, about("Attempts spent of its budget")] = None
    max_retries: Annotated[int | None, about("How many attempts may follow the first")] = None
    worker: Annotated[str | None, about("The worker that has it, or had it last")] = None
    error: Annotated[str | None, about("The last error, or why it was cancelled, on one line")] = None
    fingerprint: Annotated[str | None, about("The group of its error, see GET /api/dlq/groups")] = None
    payload_preview: Annotated[str | None, about("What its payload begins with, at most 200 characters")] = None
    payload_bytes: Annotated[int | None, about("How long the whole payload is")] = None


def item_of(row: Row, head: Head | None) -> JobItem:
    """The line of a job."""
    record = row.record
    if record is None:
        return JobItem(job_id=row.id, unreadable=True)
    return JobItem(
        job_id=row.id,
        type=record.type,
        status=record.state.label,
        queue=record.queue,
        priority=record.priority.label,
        created_at=time_of(record.created),
        run_at=time_of(record.ready_at),
        started_at=time_of(started_at(record)),
        finished_at=time_of(record.finished),
        duration=record.duration if record.finished and record.executions else None,
        attempts=record.attempts,
        max_retries=record.max_retries,
        worker=record.worker or None,
        error=record.error or None,
        fingerprint=record.fingerprint or None,
        payload_preview=preview(head.start) if head else None,
        payload_bytes=head.length if head else None,
    )


def started_at(record: JobRecord) -> int:
    """When its latest execution began, as far as is known: an active job's worker tells later."""
    if not record.claimed:
        return 0
    return record.claimed + (0 if record.state is State.ACTIVE else record.started)


def preview(start: bytes) -> str:
    """The beginning of a payload as text, on one line."""
    text = one_line(start)
    return text if len(text) <= PREVIEW else text[: PREVIEW - 1] + "…"


def one_line(start: bytes) -> str:
    """What a payload starts with as text on one line."""
    return " ".join(start.decode("utf-8", "ignore").split())
