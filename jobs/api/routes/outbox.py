"""Jobs that wait in the outbox for a store that is away."""

from __future__ import annotations

from typing import Annotated, Final

from jobs import outbox
from jobs.api.bears import Bears
from jobs.api.bodies.filters import PageQuery, ReasonBody, ReasonQuery
from jobs.api.call import Call, NoBody
from jobs.api.problems import conflict, not_found
from jobs.api.query import Nothing
from jobs.connections import borrowed
from jobs.inspection.outbox import OutboxItem, OutboxPage, WaitingAgain, item_of, outbox_page
from jobs.inspection.wire import about
from jobs.models import OutboxEntry
from jobs.outbox import table
from jobs.rights import Right
from jobs.trail import Action

from .endpoints import endpoints

NO_MORE: Final = "The job is not refused any more."


class OutboxQuery(PageQuery, frozen=True):
    """The parameters of GET /api/outbox."""

    refused: Annotated[bool, about("true: those that the store has refused, latest first")] = False


@endpoints.get("/outbox", Right.VIEW, query=OutboxQuery, answers={200: OutboxPage}, bears=Bears.BY_OUTBOX)
def list_outbox(call: Call[NoBody, OutboxQuery]) -> OutboxPage:
    """List jobs that wait in the outbox, in the order in which they are sent.

    They were accepted while the store was away, and are sent when it is back. It is answered without a store too.
    """
    return outbox_page(refused=call.query.refused, limit=call.query.limit, cursor=call.query.cursor or "")


@endpoints.post("/outbox/retry", Right.RETRY, body=ReasonBody, answers={200: WaitingAgain}, bears=Bears.BY_OUTBOX)
def retry_outbox(call: Call[ReasonBody, Nothing]) -> WaitingAgain:
    """Let all jobs that the store would not take wait again.

    Each keeps its place. Those that the store still does not take are refused again, and the others go past them.
    """
    detail = {"outbox": True, "action": "retry"}
    with call.recorded(Action.JOBS_OPERATION, reason=call.body.reason, detail=detail) as told:
        with borrowed(table.alias()) as using:
            told.count = waiting = table.all_wait_again(using)
        told.detail = {**detail, "matched": waiting}
    outbox.ring()
    return WaitingAgain(jobs=waiting)


@endpoints.post(
    "/outbox/{job_id}/retry",
    Right.RETRY,
    body=ReasonBody,
    answers={200: OutboxItem},
    problems=(409,),
    bears=Bears.BY_OUTBOX,
)
def retry_outbox_entry(call: Call[ReasonBody, Nothing], job_id: str) -> OutboxItem:
    """Let a job that the store would not take wait again.

    It keeps its place, and is sent as soon as the store answers. Mend first what it was refused for: too many queues, a
    broken key of the store. An Idempotency-Key that came with another body is forgotten after a day by default.
    """
    entry = _refused(job_id, "The job waits for the store already.")
    with call.recorded(Action.JOB_RETRY, job_id, reason=call.body.reason, detail={"outbox": True}) as told:
        with borrowed(table.alias()) as using:
            waits = table.wait_again(using, entry)
        if not waits:
            raise conflict(NO_MORE, {"jobId": job_id})
        told.count = 1
    outbox.ring()
    return item_of(entry)


@endpoints.delete(
    "/outbox/{job_id}", Right.DELETE, query=ReasonQuery, answers={204: None}, problems=(409,), bears=Bears.BY_OUTBOX
)
def delete_outbox_entry(call: Call[NoBody, ReasonQuery], job_id: str) -> None:
    """Delete a job that the store has refused from the outbox. One that waits is not deleted."""
    entry = _refused(job_id, "The job waits for the store. Cancel it when that has it.")
    with call.recorded(Action.JOB_DELETE, job_id, reason=call.query.reason, detail={"outbox": True}) as told:
        with borrowed(table.alias()) as using:
            is_gone = table.remove_refused(using, entry)
        if not is_gone:
            raise conflict(NO_MORE, {"jobId": job_id})
        told.count = 1


def _refused(job_id: str, waits: str) -> OutboxEntry:
    """The entry of a refused job. Raises Problem 404, and 409 with the words `waits` for one that waits."""
    entry = outbox.find(job_id)
    if entry is None:
        raise not_found("There is no such job in the outbox.")
    if not entry.refused:
        raise conflict(waits, {"jobId": job_id})
    return entry
