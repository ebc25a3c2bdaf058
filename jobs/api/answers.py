"""What answers carry besides the inspector's views."""

from __future__ import annotations

from typing import Annotated, Any, Final, NamedTuple

from msgspec import UNSET, UnsetType

from jobs.clock import isoformat
from jobs.inspection.figures import QueueLine, TypeLine, WorkerLine
from jobs.inspection.groups import GroupLine
from jobs.inspection.wire import (
    ACCEPTED,
    JobStatus,
    Merged,
    Milliseconds,
    PriorityWord,
    Time,
    Wire,
    about,
    time_of,
    words,
)
from jobs.redaction import Redactor
from jobs.store.operation import Action, Named, Operation, Status
from jobs.types import Enqueued

OperationAction = Annotated[str, words("OperationAction", Action)]
OperationStatus = Annotated[str, words("OperationStatus", Status)]


class Receipt(Wire, frozen=True):
    """The job that an enqueue made or met, or that waits in the outbox until the store is back (`accepted`)."""

    job_id: Annotated[str, about("The job's id")]
    type: Annotated[str, about("What kind of job it is")]
    status: Annotated[JobStatus, about("Where it is")]
    queue: Annotated[str, about("The queue that it waits in")]
    priority: Annotated[PriorityWord, about("Within its queue")]
    created_at: Annotated[Time, about("When it was enqueued")]
    run_at: Annotated[Time, about("When it may start")]

    @classmethod
    def of(cls, enqueued: Enqueued) -> Receipt:
        """The receipt for what the store has made of a request, or had there before."""
        job = enqueued.job
        return cls(
            job_id=enqueued.id,
            type=job.type,
            status=ACCEPTED if enqueued.accepted else enqueued.state.label,
            queue=job.queue,
            priority=job.priority.label,
            created_at=isoformat(enqueued.created_ms),
            run_at=isoformat(enqueued.due_ms or enqueued.created_ms),
        )


class Accepted(Wire, frozen=True):
    """A job of a bulk enqueue that is there now, or accepted."""

    index: Annotated[int, about("Its place in the request, from 0")]
    job_id: Annotated[str, about("The job's id")]
    status: Annotated[
        JobStatus | UnsetType, about("`accepted`: the store is away, and it waits in the outbox; else left out")
    ] = UNSET


class Refused(Wire, frozen=True):
    """A job of a bulk enqueue that was not taken."""

    index: Annotated[int, about("Its place in the request, from 0")]
    code: Annotated[str, about("Why, as a code of the API: invalid, unknown_job_type, duplicate_job, …")]
    detail: Annotated[str, about("Why, in a sentence")]
    field: Annotated[str | UnsetType, about("The field at fault, where there is one: options.delay")] = UNSET
    job_id: Annotated[
        str | UnsetType,
        about("The job that holds its deduplication key; of a failed store: the id under which it may be there"),
    ] = UNSET


class BulkReceipt(Wire, frozen=True):
    """What became of a bulk enqueue."""

    accepted: Annotated[list[Accepted], about("Jobs that are there now")]
    refused: Annotated[list[Refused], about("Jobs that were not taken")]


class Started(Wire, frozen=True):
    """An operation that was asked for."""

    operation_id: Annotated[str, about("The operation's id")]
    matched: Annotated[
        int | None, about("How many jobs it is about, of ids those that are there to act on; null until counted")
    ]


class Preview(Wire, frozen=True):
    """How many jobs an operation would be about now."""

    matched: Annotated[int | None, about("Exactly so many; null where it would have to look at too many to tell")]
    at_least: Annotated[int, about("So many were found by a first look")]


class JobProblem(Wire, frozen=True):
    """Why an operation left one job alone."""

    job_id: Annotated[str, about("The job's id")]
    code: Annotated[str, about("Why, as a code of the API: conflict, not_found, …")]
    detail: Annotated[str, about("Why, in a sentence")]


class ErrorName(Wire, frozen=True):
    """An error that an operation is about."""

    fingerprint: Annotated[str, about("The fingerprint of its group")]
    error: Annotated[str, about("One of the errors of the group at the start, on one line")]
    types: Annotated[list[str], about("The job types that were in the group")]

    @classmethod
    def of(cls, named: Named, redactor: Redactor | None) -> ErrorName:
        """The name as somebody may see it: the job that the line is of may be gone, so only its class is sure."""
        line = redactor.mask_error(named.line, known=None) if redactor else named.line
        return cls(fingerprint=named.fingerprint, error=line, types=list(named.types))


class OperationView(Wire, frozen=True):
    """A bulk operation."""

    operation_id: Annotated[str, about("The operation's id")]
    action: Annotated[OperationAction, about("What is done to each job")]
    status: Annotated[OperationStatus, about("How far it is; it counts the jobs before it touches the first")]
    filter: Annotated[dict[str, Any], about("Which jobs it is about; of ids, only their number as jobIdCount")]
    total: Annotated[
        int | None, about("How many jobs it was about at its start, of ids those there to act on; null until counted")
    ]
    done: Annotated[int, about("How many were acted on")]
    failed: Annotated[
        int, about("How many could not be acted on, and ids that were not in total; done and failed make jobIdCount")
    ]
    rate_per_second: Annotated[float | None, about("Most jobs a second; null for no limit")]
    reason: Annotated[str, about("Why, in the words of who started it; may be empty")]
    started_by: Annotated[str, about("Who started it")]
    started_at: Annotated[Time | None, about("When it was started")]
    finished_at: Annotated[Time | None, about("When it ended")]
    duration: Annotated[Milliseconds | None, about("How long it took, in ms; null before its end")]
    error: Annotated[str | None, about("Why the operation as a whole failed")]
    aborted_by: Annotated[str | None, about("Who aborted it")]
    samples: Annotated[list[JobProblem], about("Some of the jobs that could not be acted on")]
    errors: Annotated[list[ErrorName], about("The errors that the fingerprints of its filter stand for")] = []
    died_since: Annotated[
        int | None, about("Of a retry: how many jobs that its filter means died since and are dead; not in lists")
    ] = None
    completed_since: Annotated[
        int | None, about("Of a retry: how many jobs of its types completed since it began; not in lists")
    ] = None


class OperationPage(Wire, frozen=True):
    """Operations, latest first."""

    items: Annotated[list[OperationView], about("Operations, latest first")]
    unreadable: Annotated[list[str], about("Ids of operations that belong here and could not be decoded; usually none")]
    next_cursor: Annotated[str | None, about("Where the next page begins; null after the last one")]


class Queues(Merged, frozen=True, kw_only=True):
    """All queues."""

    items: Annotated[list[QueueLine], about("Queues by name")]


class Types(Merged, frozen=True, kw_only=True):
    """All job types."""

    items: Annotated[list[TypeLine], about("Types by name")]


class Workers(Wire, frozen=True):
    """All workers."""

    items: Annotated[list[WorkerLine], about("Workers with a heartbeat in the last ten minutes")]


class Groups(Merged, frozen=True, kw_only=True):
    """Dead jobs by error."""

    items: Annotated[list[GroupLine], about("Groups, largest first")]
    matching: Annotated[int, about("How many groups match in all")]
    counts: Annotated[dict[str, int], about("How many groups of any type there are in each status")]


class Effect(NamedTuple):
    """What became of jobs since a retry of them began, as far as that is known."""

    died: int | None = None
    completed: int | None = None


UNKNOWN: Final = Effect()


def operation_view(operation: Operation, redactor: Redactor | None = None, effect: Effect = UNKNOWN) -> OperationView:
    """An operation as somebody may see it."""
    jobs = {"jobIdCount": operation.given} if operation.given else {}
    return OperationView(
        operation_id=operation.id,
        action=operation.action.value,
        status=operation.status.value,
        filter=operation.filter.wire(redactor) | jobs,
        total=operation.total,
        done=operation.done,
        failed=operation.failed,
        rate_per_second=operation.rate or None,
        reason=redactor.mask_text(operation.reason) if redactor else operation.reason,
        started_by=operation.started_by,
        started_at=time_of(operation.created),
        finished_at=time_of(operation.finished),
        duration=max(0, operation.finished - operation.created) if operation.finished else None,
        error=operation.error or None,
        aborted_by=operation.aborted_by or None,
        samples=[JobProblem(job_id=each.job_id, code=each.code, detail=each.detail) for each in operation.samples],
        errors=[ErrorName.of(each, redactor) for each in operation.errors],
        died_since=effect.died,
        completed_since=effect.completed,
    )
