"""One line of a list of jobs."""

from __future__ import annotations

from jobs.states import State
from jobs.store.browser import Head, Row
from jobs.types import JobRecord

from .wire import Milliseconds, Time, Wire, time_of

PREVIEW = 200


class JobItem(Wire, frozen=True):
    """A job in a list. Of an `unreadable` one nothing is known but its id; it can be deleted.

    `payloadPreview` has at most 200 characters; `payloadBytes` is the size of the whole. `attempts` are those spent.
    """

    job_id: str
    unreadable: bool = False
    type: str | None = None
    status: str | None = None
    queue: str | None = None
    priority: str | None = None
    created_at: Time | None = None
    run_at: Time | None = None
    started_at: Time | None = None
    finished_at: Time | None = None
    duration: Milliseconds | None = None
    attempts: int | None = None
    max_retries: int | None = None
    worker: str | None = None
    error: str | None = None
    fingerprint: str | None = None
    payload_preview: str | None = None
    payload_bytes: int | None = None


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
