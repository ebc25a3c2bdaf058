"""The dead-letter queue."""

from __future__ import annotations

from jobs import trail
from jobs.api.answers import Started
from jobs.api.bodies.enqueue import PayloadBody
from jobs.api.bodies.filters import DeadOperationBody, DeadQuery, ReasonQuery, filter_of
from jobs.api.call import Call, NoBody
from jobs.api.editing import retry
from jobs.api.query import Nothing
from jobs.api.reply import Answer
from jobs.api.searching import searching
from jobs.api.starting import Wish, must_mean, must_take, start
from jobs.dead_letter import only_dead
from jobs.inspection.detail import JobView
from jobs.inspection.search import Page
from jobs.rights import Right
from jobs.store.operation import Action

from .endpoints import endpoints


@endpoints.get("/dlq", Right.VIEW, query=DeadQuery, answers={200: Page})
def list_dead_jobs(call: Call[NoBody, DeadQuery]) -> Page:
    """List dead jobs, latest death first."""
    wanted = only_dead(filter_of(call.query))
    with searching(call.inspector.is_search(wanted)):
        return call.dead_letters.jobs(wanted, call.query.limit, call.query.cursor or "")


@endpoints.post(
    "/dlq/operations",
    Right.RETRY,
    Right.DELETE,
    body=DeadOperationBody,
    answers={202: Started},
    idempotent=True,
    located=True,
    problems=(409,),
)
def start_dead_operation(call: Call[DeadOperationBody, Nothing]) -> Answer:
    """Retry or delete many dead jobs.

    One operation on the server, frozen now: what dies later is not part of it. `matched` is null until counted.
    An empty filter needs `all`.
    """
    body = call.body
    wanted = filter_of(body.filter)
    must_mean(wanted, body.all)
    must_take(body.queue, body.action)
    wish = Wish(Action(body.action), only_dead(wanted), body.rate_per_second, body.reason, body.queue or "")
    return start(call, wish, trail.Action.DLQ_OPERATION)


@endpoints.post(
    "/dlq/{job_id}/retry",
    Right.RETRY,
    body=PayloadBody,
    answers={200: JobView},
    problems=(409, 413),
)
def retry_dead_job(call: Call[PayloadBody, Nothing], job_id: str) -> JobView:
    """Retry a dead job, if wished with another payload."""
    retry(call, job_id, call.dead_letters.retry)
    return call.inspector.job(job_id)


@endpoints.delete("/dlq/{job_id}", Right.DELETE, query=ReasonQuery, answers={204: None})
def delete_dead_job(call: Call[NoBody, ReasonQuery], job_id: str) -> None:
    """Delete a dead job."""
    with call.recorded(trail.Action.JOB_DELETE, job_id, reason=call.query.reason) as entry:
        call.dead_letters.delete(job_id)
        entry.count = 1
