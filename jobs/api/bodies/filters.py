"""Which jobs are meant: as query parameters of lists and as the filter of bulk operations."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from jobs.clock import to_instant_ms
from jobs.filtering import JobFilter
from jobs.states import State
from jobs.types import Priority

from .base import Body, Instant, JobId, JobType, PriorityWord, QueueName, Status, Tag, Text

Limit = Annotated[int, msgspec.Meta(ge=1, le=500, description="Most items of a page")]
CursorText = Annotated[str, msgspec.Meta(min_length=1, max_length=1000, description="nextCursor of the page before")]
Needle = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
SOME = msgspec.Meta(min_length=1)  # what comes out empty by a slip must not come to mean everything
_FINGERPRINT = re.compile(r"[0-9a-f]{16}\Z")


class DeadQuery(Body, frozen=True):
    """The parameters of GET /api/dlq. A repeated one means or."""

    type: tuple[JobType, ...] = ()
    queue: tuple[QueueName, ...] = ()
    priority: tuple[PriorityWord, ...] = ()
    tag: tuple[Tag, ...] = ()
    error: Annotated[
        tuple[Needle, ...], msgspec.Meta(description="Part of the error line, or the fingerprint of a group")
    ] = ()
    created_after: Instant | None = None
    created_before: Instant | None = None
    finished_after: Instant | None = None
    finished_before: Instant | None = None
    q: Annotated[Text, msgspec.Meta(description="Text in the payload, or the beginning of the id")] = ""
    limit: Limit = 50
    cursor: CursorText | None = None


class JobsQuery(DeadQuery, frozen=True):
    """The parameters of GET /api/jobs. A repeated one means or."""

    status: tuple[Status, ...] = ()


class FilterBody(Body, frozen=True):
    """The parameters of a list in a body; of several values each may be given alone. `jobIds` names single jobs.

    What is given is not empty.
    """

    job_ids: Annotated[tuple[JobId, ...], msgspec.Meta(min_length=1, max_length=1000)] = ()
    status: Status | Annotated[tuple[Status, ...], SOME] = ()
    type: JobType | Annotated[tuple[JobType, ...], SOME] = ()
    queue: QueueName | Annotated[tuple[QueueName, ...], SOME] = ()
    priority: PriorityWord | Annotated[tuple[PriorityWord, ...], SOME] = ()
    tag: Tag | Annotated[tuple[Tag, ...], SOME] = ()
    error: Needle | Annotated[tuple[Needle, ...], SOME] = ()
    created_after: Instant | None = None
    created_before: Instant | None = None
    finished_after: Instant | None = None
    finished_before: Instant | None = None
    q: Annotated[Text, SOME] = ""


Rate = Annotated[float, msgspec.Meta(gt=0, le=100_000, description="Jobs a second; left out: as fast as it goes")]


class DeadOperationBody(Body, frozen=True):
    """What to do with the dead jobs that match now. An empty filter needs `all`."""

    action: Literal["retry", "delete"]
    filter: FilterBody
    rate_per_second: Rate | None = None
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""
    all: bool = False


class JobsOperationBody(Body, frozen=True):
    """What to do with the jobs that match now. An empty filter needs `all`."""

    action: Literal["retry", "cancel", "delete", "runNow"]
    filter: FilterBody
    rate_per_second: Rate | None = None
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""
    all: bool = False


class PurgeBody(Body, frozen=True):
    """How to empty a queue."""

    rate_per_second: Rate | None = None
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class ReasonBody(Body, frozen=True):
    """Why, for those who look later."""

    reason: Text = ""


class PageQuery(Body, frozen=True):
    """A page of a list."""

    limit: Limit = 50
    cursor: CursorText | None = None


def filter_of(asked: DeadQuery | FilterBody) -> JobFilter:
    """The filter that a query or a body describes."""
    errors = _several(asked.error)
    prints = errors if errors and all(_FINGERPRINT.match(error) for error in errors) else ()
    return JobFilter(
        ids=tuple(dict.fromkeys(asked.job_ids)) if isinstance(asked, FilterBody) else (),
        states=tuple(State.from_label(word) for word in _several(getattr(asked, "status", ()))),
        types=_several(asked.type),
        queues=_several(asked.queue),
        priorities=tuple(Priority.from_label(word) for word in _several(asked.priority)),
        tags=_several(asked.tag),
        errors=() if prints else errors,
        fingerprints=prints,
        created_after=_instant(asked.created_after),
        created_before=_instant(asked.created_before),
        finished_after=_instant(asked.finished_after),
        finished_before=_instant(asked.finished_before),
        text=asked.q,
    )


def _several(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(dict.fromkeys(value))


def _instant(moment: datetime | None) -> int | None:
    return None if moment is None else to_instant_ms(moment)
