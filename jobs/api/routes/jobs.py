"""Lists of jobs, one job, and what a person does to it."""

from __future__ import annotations

from msgspec.structs import replace

from jobs.api.accepted import job_or_accepted
from jobs.api.bears import Bears
from jobs.api.bodies.enqueue import PayloadBody
from jobs.api.bodies.filters import JobsQuery, ReasonBody, ReasonQuery, filter_of
from jobs.api.call import Call, NoBody
from jobs.api.editing import edited, payload_of, retry
from jobs.api.query import Nothing
from jobs.api.reply import Answer
from jobs.api.searching import searching
from jobs.errors import InvalidJob
from jobs.inspection.detail import JobView
from jobs.inspection.search import Page
from jobs.inspection.stack import JobStack, stack_of
from jobs.rights import Right
from jobs.steering import Steering
from jobs.trail import Action, reruns_of
from jobs.types import Enqueued

from .endpoints import endpoints


@endpoints.get("/jobs", Right.VIEW, query=JobsQuery, answers={200: Page})
def list_jobs(call: Call[NoBody, JobsQuery]) -> Page:
    """List jobs, latest first.

    Each answer is one bounded step: it may have few items, or none, and still go on at `nextCursor`. A job that
    matches throughout is listed exactly once.
    """
    wanted = filter_of(call.query)
    with searching(call.inspector.is_search(wanted)):
        return call.inspector.jobs(wanted, call.query.limit, call.query.cursor or "")


@endpoints.get("/jobs/{job_id}", Right.VIEW, answers={200: JobView}, bears=Bears.BY_OUTBOX)
def get_job(call: Call[NoBody, Nothing], job_id: str) -> JobView:
    """Show everything known of a job.

    Its status is `accepted` while it waits in the outbox for a store that is away.
    """
    job = job_or_accepted(call, job_id)
    return replace(job, reruns=reruns_of(job_id)) if job.finished_at else job


@endpoints.get("/jobs/{job_id}/stack", Right.SEE_STACKS, answers={200: JobStack}, problems=(409,))
def get_job_stack(call: Call[NoBody, Nothing], job_id: str) -> JobStack:
    """Show where a running job is.

    Its worker is asked, and after a second its supervisor, which can tell also while code in C holds the worker's
    interpreter. Without an answer within two seconds it is 503 `worker_silent`.
    """
    return stack_of(call.store, job_id)


@endpoints.delete("/jobs/{job_id}", Right.DELETE, query=ReasonQuery, answers={204: None}, problems=(409,))
def delete_job(call: Call[NoBody, ReasonQuery], job_id: str) -> None:
    """Delete a job that is not active."""
    with call.recorded(Action.JOB_DELETE, job_id, reason=call.query.reason) as entry:
        Steering(call.store).delete(job_id)
        entry.count = 1


@endpoints.post("/jobs/{job_id}/cancel", Right.CANCEL, body=ReasonBody, answers={200: JobView}, problems=(409,))
def cancel_job(call: Call[ReasonBody, Nothing], job_id: str) -> JobView:
    """Cancel a job.

    A waiting one ends at once. The worker of an active one is asked to end it: `cancelRequested` is true until then.
    """
    reason = call.body.reason
    with call.recorded(Action.JOB_CANCEL, job_id, reason=reason) as entry:
        Steering(call.store).cancel(job_id, reason or f"cancelled by {call.principal.name}")
        entry.count = 1
    return call.inspector.job(job_id)


@endpoints.post(
    "/jobs/{job_id}/retry",
    Right.RETRY,
    body=PayloadBody,
    answers={200: JobView},
    problems=(409, 413),
)
def retry_job(call: Call[PayloadBody, Nothing], job_id: str) -> JobView:
    """Retry a dead job.

    It gets a new attempt budget and keeps its history; a payload replaces the one it has, which is kept.
    """
    retry(call, job_id, Steering(call.store).retry)
    return call.inspector.job(job_id)


@endpoints.post("/jobs/{job_id}/run-now", Right.RETRY, body=ReasonBody, answers={200: JobView}, problems=(409,))
def run_job_now(call: Call[ReasonBody, Nothing], job_id: str) -> JobView:
    """Run a scheduled or retrying job now."""
    with call.recorded(Action.JOB_RUN_NOW, job_id, reason=call.body.reason) as entry:
        Steering(call.store).run_now(job_id)
        entry.count = 1
    return call.inspector.job(job_id)


@endpoints.post(
    "/jobs/{job_id}/rerun",
    Right.RETRY,
    body=PayloadBody,
    answers={200: JobView},
    located=True,
    problems=(409,),
)
def rerun_job(call: Call[PayloadBody, Nothing], job_id: str) -> Answer:
    """Enqueue a new job like one that is over, if wished with another payload."""
    payload = payload_of(call)
    with call.recorded(Action.JOB_RERUN, job_id, reason=call.body.reason, detail=edited(payload)) as entry:
        made = _rerun(call, job_id, payload)
        entry.count = 1
        entry.detail["jobId"] = made.id
    return Answer(call.inspector.job(made.id), headers={"Location": f"/api/jobs/{made.id}"})


def _rerun(call: Call[PayloadBody, Nothing], job_id: str, payload: bytes | None) -> Enqueued:
    try:
        return Steering(call.store).rerun(job_id, payload)
    except InvalidJob as error:
        if payload is not None or call.redactor is None:
            raise
        # The handler's words about a payload that was stored may quote what this one may not see.
        raise InvalidJob(error.field, "the stored payload is not what the handler takes now") from error
