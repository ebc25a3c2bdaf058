"""Jobs that wait in the outbox for a store that is away."""

from __future__ import annotations

from typing import Annotated

from jobs import outbox
from jobs.api.bodies.filters import PageQuery, ReasonQuery
from jobs.api.call import Call, NoBody
from jobs.api.problems import conflict, not_found
from jobs.connections import borrowed
from jobs.inspection.outbox import OutboxPage, outbox_page
from jobs.inspection.wire import about
from jobs.outbox import table
from jobs.rights import Right
from jobs.trail import Action

from .endpoints import endpoints


class OutboxQuery(PageQuery, frozen=True):
    """The parameters of GET /api/outbox."""

    refused: Annotated[bool, about("true: those that the store will never take, latest first")] = False


@endpoints.get("/outbox", Right.VIEW, query=OutboxQuery, answers={200: OutboxPage}, bears=True)
def list_outbox(call: Call[NoBody, OutboxQuery]) -> OutboxPage:
    """List jobs that wait in the outbox, in the order in which they are sent.

    They were accepted while the store was away, and are sent when it is back. It is answered without a store too.
    """
    return outbox_page(refused=call.query.refused, limit=call.query.limit, cursor=call.query.cursor or "")


@endpoints.delete("/outbox/{job_id}", Right.DELETE, query=ReasonQuery, answers={204: None}, problems=(409,), bears=True)
def delete_outbox_entry(call: Call[NoBody, ReasonQuery], job_id: str) -> None:
    """Delete a job that the store will never take from the outbox. One that waits is not deleted."""
    entry = outbox.find(job_id)
    if entry is None:
        raise not_found("There is no such job in the outbox.")
    if not entry.refused:
        raise conflict("The job waits for the store. Cancel it when that has it.", {"jobId": job_id})
    with call.recorded(Action.JOB_DELETE, job_id, reason=call.query.reason, detail={"outbox": True}) as told:
        with borrowed(table.alias()) as using:
            table.remove(using, [entry.pk])
        told.count = 1
