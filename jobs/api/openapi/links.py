"""What can be done next with what an answer names."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from jobs.api.answers import BulkReceipt, Groups, OperationPage, Queues, Receipt, Started, Types, Workers
from jobs.inspection.detail import JobView
from jobs.inspection.outbox import OutboxPage
from jobs.inspection.search import Page


class Next(NamedTuple):
    """Operations that take, as a parameter, the value at a place of the answer."""

    parameter: str
    place: str
    operations: tuple[str, ...]


_JOB: Final = ("get_job", "get_job_stack", "cancel_job", "run_job_now", "retry_job", "rerun_job", "delete_job")
_LINKS: Final[dict[Any, Next]] = {
    Receipt: Next("jobId", "jobId", _JOB),
    BulkReceipt: Next("jobId", "accepted/0/jobId", _JOB),
    JobView: Next("jobId", "jobId", _JOB),
    Page: Next("jobId", "items/0/jobId", (*_JOB, "retry_dead_job", "delete_dead_job")),
    Groups: Next("jobId", "items/0/sampleJobId", ("get_job", "retry_dead_job", "delete_dead_job")),
    OutboxPage: Next("jobId", "items/0/jobId", ("get_job", "retry_outbox_entry", "delete_outbox_entry")),
    Started: Next("operationId", "operationId", ("get_operation", "abort_operation")),
    OperationPage: Next("operationId", "items/0/operationId", ("get_operation", "abort_operation")),
    Queues: Next("name", "items/0/name", ("pause_queue", "resume_queue", "purge_queue")),
    Types: Next("jobType", "items/0/type", ("pause_type", "resume_type")),
    Workers: Next("workerId", "items/0/id", ("drain_worker",)),
}


def links_of(kind: Any) -> dict[str, Any]:
    """The links of an answer, by the operation that they lead to."""
    if kind not in _LINKS:
        return {}
    parameter, place, operations = _LINKS[kind]
    target = {parameter: f"$response.body#/{place}"}
    return {operation: {"operationId": operation, "parameters": target} for operation in operations}
