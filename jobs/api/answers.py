"""What answers carry besides the inspector's views."""

from __future__ import annotations

from typing import Any

from jobs.inspection.figures import GroupLine, QueueLine, TypeLine, WorkerLine
from jobs.inspection.wire import Milliseconds, Time, Wire, time_of
from jobs.store.operation import Operation


class Receipt(Wire, frozen=True):
    """The job that an enqueue made or met."""

    job_id: str
    type: str
    status: str
    queue: str
    priority: str
    created_at: Time
    run_at: Time


class Accepted(Wire, frozen=True):
    """A job of a bulk enqueue that is there now; `index` counts in the request."""

    index: int
    job_id: str


class Refused(Wire, frozen=True, omit_defaults=True):
    """A job of a bulk enqueue that was not taken. `jobId` is the holder of its deduplication key."""

    index: int
    code: str
    detail: str
    field: str | None = None
    job_id: str | None = None


class BulkReceipt(Wire, frozen=True):
    """What became of a bulk enqueue."""

    accepted: list[Accepted]
    refused: list[Refused]


class Started(Wire, frozen=True):
    """An operation that was asked for. `matched` is null until the jobs are counted."""

    operation_id: str
    matched: int | None


class JobProblem(Wire, frozen=True):
    """Why an operation left one job alone."""

    job_id: str
    code: str
    detail: str


class OperationView(Wire, frozen=True):
    """A bulk operation. `failed` counts jobs that could not be acted on, of which `samples` shows some."""

    operation_id: str
    action: str
    status: str
    filter: dict[str, Any]
    total: int | None
    done: int
    failed: int
    rate_per_second: float | None
    reason: str
    started_by: str
    started_at: Time | None
    finished_at: Time | None
    duration: Milliseconds | None
    error: str | None
    aborted_by: str | None
    samples: list[JobProblem]


class OperationPage(Wire, frozen=True):
    """Operations, latest first."""

    items: list[OperationView]
    next_cursor: str | None


class Queues(Wire, frozen=True):
    """All queues."""

    items: list[QueueLine]


class Types(Wire, frozen=True):
    """All job types."""

    items: list[TypeLine]


class Workers(Wire, frozen=True):
    """All workers."""

    items: list[WorkerLine]


class Groups(Wire, frozen=True):
    """Dead jobs by error."""

    items: list[GroupLine]


def operation_view(operation: Operation) -> OperationView:
    """An operation as it goes out."""
    jobs = {"jobIdCount": operation.given} if operation.given else {}
    return OperationView(
        operation_id=operation.id,
        action=operation.action.value,
        status=operation.status.value,
        filter=operation.filter.wire() | jobs,
        total=operation.total,
        done=operation.done,
        failed=operation.failed,
        rate_per_second=operation.rate or None,
        reason=operation.reason,
        started_by=operation.started_by,
        started_at=time_of(operation.created),
        finished_at=time_of(operation.finished),
        duration=max(0, operation.finished - operation.created) if operation.finished else None,
        error=operation.error or None,
        aborted_by=operation.aborted_by or None,
        samples=[JobProblem(job_id=each.job_id, code=each.code, detail=each.detail) for each in operation.samples],
    )
