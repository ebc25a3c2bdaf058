"""Which jobs are meant: as query parameters of lists and as the filter of bulk operations."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import msgspec

from jobs.filtering import JobFilter
from jobs.inspection.wire import about
from jobs.states import State
from jobs.types import Priority

from .base import (
    Body,
    Instant,
    JobId,
    JobType,
    NewQueueName,
    PriorityWord,
    QueueName,
    Reason,
    Status,
    Tag,
    Text,
    instant_ms,
)

Limit = Annotated[int, msgspec.Meta(ge=1, le=500, description="Most items of a page")]
CursorText = Annotated[str, msgspec.Meta(min_length=1, max_length=1000, description="nextCursor of the page before")]
Needle = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
GroupStatus = Annotated[Literal["open", "regressed", "resolved", "ignored"], msgspec.Meta(title="GroupStatus")]
Fingerprint = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]
SOME = msgspec.Meta(min_length=1)  # what comes out empty by a slip must not come to mean everything
_FINGERPRINT = re.compile(r"[0-9a-f]{16}\Z")


class DeadQuery(Body, frozen=True):
    """The parameters of GET /api/dlq. A repeated one means or."""

    type: Annotated[tuple[JobType, ...], about("Of one of these types")] = ()
    queue: Annotated[tuple[QueueName, ...], about("Of one of these queues")] = ()
    priority: Annotated[tuple[PriorityWord, ...], about("Of one of these priorities")] = ()
    tag: Annotated[tuple[Tag, ...], about("With one of these tags")] = ()
    error: Annotated[tuple[Needle, ...], about("Part of the error line, or the fingerprint of a group")] = ()
    created_after: Annotated[Instant | None, about("Enqueued at this time or later")] = None
    created_before: Annotated[Instant | None, about("Enqueued before this time")] = None
    finished_after: Annotated[Instant | None, about("Ended at this time or later")] = None
    finished_before: Annotated[Instant | None, about("Ended before this time")] = None
    q: Annotated[Text, about("Text in the payload, or the beginning of the id")] = ""
    limit: Limit = 50
    cursor: CursorText | None = None


class JobsQuery(DeadQuery, frozen=True):
    """The parameters of GET /api/jobs. A repeated one means or."""

    status: Annotated[tuple[Status, ...], about("In one of these states")] = ()


class GroupsQuery(Body, frozen=True):
    """The parameters of GET /api/dlq/groups. A repeated one means or."""

    status: Annotated[tuple[GroupStatus, ...], about("Where they stand")] = ()
    type: Annotated[tuple[JobType, ...], about("With a job of one of these types")] = ()
    limit: Annotated[Limit | None, about("Only the largest ones; left out: all")] = None
    trend: Annotated[bool, about("Tell how many died in each of the last 24 hours")] = False
    fingerprint: Annotated[tuple[Fingerprint, ...], about("One of these groups")] = ()
    q: Annotated[Text, about("Text in the error line or in a job type")] = ""
    offset: Annotated[int, msgspec.Meta(ge=0, le=100_000, description="Leave out so many of the largest")] = 0


class FilterBody(Body, frozen=True):
    """Which jobs are meant: those that match everything given, as in lists. One value may be given without a list."""

    job_ids: Annotated[
        tuple[JobId, ...], msgspec.Meta(min_length=1, max_length=1000), about("One of these jobs, at most 1,000")
    ] = ()
    status: Annotated[Status | Annotated[tuple[Status, ...], SOME], about("In one of these states")] = ()
    type: Annotated[JobType | Annotated[tuple[JobType, ...], SOME], about("Of one of these types")] = ()
    queue: Annotated[QueueName | Annotated[tuple[QueueName, ...], SOME], about("Of one of these queues")] = ()
    priority: Annotated[
        PriorityWord | Annotated[tuple[PriorityWord, ...], SOME], about("Of one of these priorities")
    ] = ()
    tag: Annotated[Tag | Annotated[tuple[Tag, ...], SOME], about("With one of these tags")] = ()
    error: Annotated[
        Needle | Annotated[tuple[Needle, ...], SOME], about("Part of the error line, or the fingerprint of a group")
    ] = ()
    created_after: Annotated[Instant | None, about("Enqueued at this time or later")] = None
    created_before: Annotated[Instant | None, about("Enqueued before this time")] = None
    finished_after: Annotated[Instant | None, about("Ended at this time or later")] = None
    finished_before: Annotated[Instant | None, about("Ended before this time")] = None
    q: Annotated[Text, SOME, about("Text in the payload, or the beginning of the id")] = ""


Rate = Annotated[float, msgspec.Meta(gt=0, le=100_000)]
RATE = "Most jobs a second; left out: as fast as it goes"
ALL = "Say true to mean every job with an empty filter"


class DeadOperationBody(Body, frozen=True):
    """What to do with the dead jobs that match now."""

    action: Annotated[Literal["retry", "delete"], about("What to do with each of them")]
    filter: Annotated[FilterBody, about("Which dead jobs are meant")]
    rate_per_second: Annotated[Rate | None, about(RATE)] = None
    queue: Annotated[NewQueueName | None, about("For retry: put them there instead of back on the queues they had")] = (
        None
    )
    reason: Reason = ""
    all: Annotated[bool, about(ALL)] = False


class JobsOperationBody(Body, frozen=True):
    """What to do with the jobs that match now."""

    action: Annotated[Literal["retry", "cancel", "delete", "runNow"], about("What to do with each of them")]
    filter: Annotated[FilterBody, about("Which jobs are meant")]
    rate_per_second: Annotated[Rate | None, about(RATE)] = None
    reason: Reason = ""
    all: Annotated[bool, about(ALL)] = False


class PurgeBody(Body, frozen=True):
    """How to empty a queue."""

    rate_per_second: Annotated[Rate | None, about(RATE)] = None
    reason: Reason = ""


class ReasonBody(Body, frozen=True):
    """Why something is done."""

    reason: Annotated[Text, about("Why, for those who look later")] = ""


class ReasonQuery(Body, frozen=True):
    """Why something is done."""

    reason: Annotated[Text, about("Why, for those who look later")] = ""


class PageQuery(Body, frozen=True):
    """A page of a list."""

    limit: Limit = 50
    cursor: CursorText | None = None


def is_fingerprint(text: str) -> bool:
    """Whether a text has the form of a group's fingerprint."""
    return _FINGERPRINT.match(text) is not None


def filter_of(asked: DeadQuery | FilterBody) -> JobFilter:
    """The filter that a query or a body describes."""
    errors = _several(asked.error)
    prints = errors if errors and all(map(is_fingerprint, errors)) else ()
    return JobFilter(
        ids=tuple(dict.fromkeys(asked.job_ids)) if isinstance(asked, FilterBody) else (),
        states=tuple(State.from_label(word) for word in _several(getattr(asked, "status", ()))),
        types=_several(asked.type),
        queues=_several(asked.queue),
        priorities=tuple(Priority.from_label(word) for word in _several(asked.priority)),
        tags=_several(asked.tag),
        errors=() if prints else errors,
        fingerprints=prints,
        created_after=instant_ms(asked.created_after),
        created_before=instant_ms(asked.created_before),
        finished_after=instant_ms(asked.finished_after),
        finished_before=instant_ms(asked.finished_before),
        text=asked.q,
    )


def _several(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(dict.fromkeys(value))
