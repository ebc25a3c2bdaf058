"""What a list and a page tell of a job alike."""

from __future__ import annotations

from typing import Annotated, Any

from jobs.states import State
from jobs.types import JobRecord

from .wire import JobStatus, Milliseconds, PriorityWord, Time, Wire, about, time_of


class JobFacts(Wire, frozen=True, kw_only=True):
    """A job in short. Of one whose record cannot be decoded nothing is known but its id."""

    job_id: Annotated[str, about("The job's id")]
    type: Annotated[str | None, about("What kind of job it is: the name of its handler")] = None
    status: Annotated[JobStatus | None, about("Where it is")] = None
    queue: Annotated[str | None, about("The queue that it came from or waits in")] = None
    priority: Annotated[PriorityWord | None, about("Within its queue")] = None
    created_at: Annotated[Time | None, about("When it was enqueued")] = None
    run_at: Annotated[Time | None, about("When it may start, or its next attempt may")] = None
    started_at: Annotated[Time | None, about("When its latest execution began")] = None
    finished_at: Annotated[Time | None, about("When it ended")] = None
    duration: Annotated[Milliseconds | None, about("How long its last execution took, in ms; null before")] = None
    worker: Annotated[str | None, about("The worker that has it, or had it last")] = None
    error: Annotated[str | None, about("The last error, or why it was cancelled, on one line")] = None
    fingerprint: Annotated[str | None, about("The group of its error, see GET /api/dlq/groups")] = None


def facts_of(record: JobRecord) -> dict[str, Any]:
    """The fields of `JobFacts`, except the id."""
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
        "worker": record.worker or None,
        "error": record.error or None,
        "fingerprint": record.fingerprint or None,
    }


def started_at(record: JobRecord) -> int:
    """When its latest execution began, as far as is known: an active job's worker tells later."""
    if not record.claimed:
        return 0
    return record.claimed + (0 if record.state is State.ACTIVE else record.started)
