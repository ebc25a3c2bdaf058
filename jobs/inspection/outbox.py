"""The outbox as people and programs see it: never a payload."""

from __future__ import annotations

from typing import Annotated, Final

from django.db.models import QuerySet

from jobs.clock import isoformat
from jobs.connections import borrowed
from jobs.errors import InvalidJob
from jobs.models import OutboxEntry
from jobs.outbox import table, view

from .wire import Milliseconds, Time, Wire, about

LARGEST: Final = 2**63 - 1


class OutboxItem(Wire, frozen=True):
    """A job that waits for the store, or that it has refused."""

    job_id: Annotated[str, about("The job's id")]
    type: Annotated[str, about("What kind of job it is")]
    queue: Annotated[str, about("The queue that it is for")]
    accepted_at: Annotated[Time, about("When it was accepted; its delay counts from then")]
    bytes: Annotated[int, about("How large its request is, payload and all")]
    tries: Annotated[int, about("How often it was tried to send it")]
    error: Annotated[str | None, about("Why that failed last")]
    refused: Annotated[str | None, about("Why the store has refused it; null while it waits")]


class OutboxPage(Wire, frozen=True):
    """A page of the outbox, and figures of the whole."""

    waiting: Annotated[int, about("How many jobs wait")]
    bytes: Annotated[int, about("How large their requests are together; OUTBOX_MAX_BYTES bounds it")]
    oldest_age: Annotated[Milliseconds, about("For how long the oldest has waited, in ms; 0 where none does")]
    refused: Annotated[int, about("How many the store has refused")]
    items: Annotated[list[OutboxItem], about("Waiting ones in the order of sending, refused ones latest first")]
    next_cursor: Annotated[str | None, about("Where the list goes on; null at its end")]


class WaitingAgain(Wire, frozen=True):
    """How many refused jobs wait again."""

    jobs: Annotated[int, about("How many")]


def outbox_page(*, refused: bool, limit: int, cursor: str) -> OutboxPage:
    """A page of waiting or of refused entries. Raises InvalidJob for what is no cursor, and DatabaseError."""
    seen = view()
    with borrowed(table.alias()) as using:
        rows = table.refused(using) if refused else table.waiting(using)
        found = list(_from(rows, cursor, backwards=refused).defer("request")[: limit + 1])
    more = len(found) > limit
    return OutboxPage(
        waiting=seen.waiting,
        bytes=seen.size,
        oldest_age=seen.oldest_ms,
        refused=seen.refused,
        items=[item_of(entry) for entry in found[:limit]],
        next_cursor=str(found[limit - 1].pk) if more else None,
    )


def _from(rows: QuerySet[OutboxEntry], cursor: str, *, backwards: bool) -> QuerySet[OutboxEntry]:
    if not cursor:
        return rows
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 20 and int(cursor) <= LARGEST):
        raise InvalidJob("cursor", "it is not from this list")
    return rows.filter(pk__lt=int(cursor)) if backwards else rows.filter(pk__gt=int(cursor))


def item_of(entry: OutboxEntry) -> OutboxItem:
    """What is shown of an entry."""
    return OutboxItem(
        job_id=entry.job_id,
        type=entry.type,
        queue=entry.queue,
        accepted_at=isoformat(max(0, entry.accepted_ms)),
        bytes=entry.size,
        tries=entry.tries,
        error=entry.error or None,
        refused=entry.refused or None,
    )
