"""One line of a list of jobs."""

from __future__ import annotations

from typing import Annotated

from jobs.store.browser import Head, Row

from .facts import JobFacts, facts_of
from .wire import about

PREVIEW = 200


class JobItem(JobFacts, frozen=True, kw_only=True):
    """A job in a list. Of an unreadable one nothing is known but its id; it can be deleted."""

    unreadable: Annotated[bool, about("It could not be decoded; usually false")] = False
    attempts: Annotated[int | None, about("Attempts spent of its budget")] = None
    max_retries: Annotated[int | None, about("How many attempts may follow the first")] = None
    payload_preview: Annotated[str | None, about("What its payload begins with, at most 200 characters")] = None
    payload_bytes: Annotated[int | None, about("How long the whole payload is")] = None


def item_of(row: Row, head: Head | None) -> JobItem:
    """The line of a job."""
    record = row.record
    if record is None:
        return JobItem(job_id=row.id, unreadable=True)
    return JobItem(
        job_id=row.id,
        **facts_of(record),
        attempts=record.attempts,
        max_retries=record.max_retries,
        payload_preview=preview(head.start) if head else None,
        payload_bytes=head.length if head else None,
    )


def preview(start: bytes) -> str:
    """The beginning of a payload as text, on one line."""
    text = one_line(start)
    return text if len(text) <= PREVIEW else text[: PREVIEW - 1] + "…"


def one_line(start: bytes) -> str:
    """What a payload starts with as text on one line."""
    return " ".join(start.decode("utf-8", "ignore").split())
