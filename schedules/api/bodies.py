"""What comes in: new schedules, changes, expressions to try, which schedules and ticks are meant."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from jobs.api.bodies.base import Body, Instant, JobType, NewJobType, NewQueueName, PriorityWord, Reason, Tag, Text
from jobs.api.bodies.enqueue import Retries, Timeout
from jobs.inspection.wire import about
from schedules.cron import MOST_CHARACTERS
from schedules.models import Schedule
from schedules.models.schedule import NAME_PATTERN

MOST_PREVIEWED: Final = 20

NewName = Annotated[str, msgspec.Meta(min_length=1, max_length=64, extra_json_schema={"pattern": NAME_PATTERN})]
Expression = Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_CHARACTERS)]
ZoneName = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
OverlapWord = Annotated[Literal["allow", "skip"], msgspec.Meta(title="Overlap")]
MissedWord = Annotated[Literal["skip", "last", "all"], msgspec.Meta(title="MissedTicks")]
Tags = Annotated[tuple[Tag, ...], msgspec.Meta(max_length=10)]

_NAME: Final = "What it is called, now and later: 1 to 64 of a-z 0-9 _ . -, but not . .. new or preview"
_CRON: Final = "When: five fields of cron, six with seconds before them, or @hourly, @daily, @weekly, @monthly, @yearly"
_ZONE: Final = "The time zone that it goes by, as the IANA names it: Europe/Berlin"
_OVERLAP: Final = "Whether a tick runs while the job of an earlier one is unfinished"
_MISSED: Final = "What becomes of ticks for which no scheduler ran"
_PAYLOAD: Final = "What the handler gets: any JSON, kept byte for byte; at most 1 MiB by default"


class ScheduleBody(Body, frozen=True):
    """Which job is to be enqueued, and when. What is left out, or null, is as the handler says."""

    name: Annotated[NewName, about(_NAME)]
    type: Annotated[NewJobType, about("What kind of job it enqueues: the name of its handler")]
    cron: Annotated[Expression, about(_CRON)]
    time_zone: Annotated[ZoneName, about(_ZONE)] = "UTC"
    payload: Annotated[msgspec.Raw, about(f"{_PAYLOAD}; left out: null")] = msgspec.field(default_factory=msgspec.Raw)
    queue: Annotated[NewQueueName | None, about("The queue that its jobs wait in")] = None
    priority: Annotated[PriorityWord | None, about("Within its queue")] = None
    max_retries: Annotated[Retries | None, about("How many attempts may follow the first")] = None
    timeout: Annotated[Timeout | None, about("Longest an execution may take, in ms")] = None
    tags: Annotated[Tags, about("Words to find its jobs by, printable")] = ()
    overlap: Annotated[OverlapWord, about(_OVERLAP)] = "allow"
    missed: Annotated[MissedWord, about(_MISSED)] = "last"
    reason: Reason = ""


class ChangeBody(Body, frozen=True):
    """How a schedule is to be from now on. What is left out stays as it is; null is as the handler says."""

    version: Annotated[
        int, msgspec.Meta(ge=0, le=2**53), about("The version that this changes, as the last answer had it")
    ]
    type: Annotated[NewJobType | UnsetType, about("What kind of job it enqueues")] = UNSET
    cron: Annotated[Expression | UnsetType, about(_CRON)] = UNSET
    time_zone: Annotated[ZoneName | UnsetType, about(_ZONE)] = UNSET
    payload: Annotated[msgspec.Raw, about(_PAYLOAD)] = msgspec.field(default_factory=msgspec.Raw)
    queue: Annotated[NewQueueName | UnsetType | None, about("The queue that its jobs wait in")] = UNSET
    priority: Annotated[PriorityWord | UnsetType | None, about("Within its queue")] = UNSET
    max_retries: Annotated[Retries | UnsetType | None, about("How many attempts may follow the first")] = UNSET
    timeout: Annotated[Timeout | UnsetType | None, about("Longest an execution may take, in ms")] = UNSET
    tags: Annotated[Tags | UnsetType, about("Words to find its jobs by, all of them")] = UNSET
    overlap: Annotated[OverlapWord | UnsetType, about(_OVERLAP)] = UNSET
    missed: Annotated[MissedWord | UnsetType, about(_MISSED)] = UNSET
    reason: Reason = ""


class PreviewBody(Body, frozen=True):
    """An expression to try."""

    cron: Annotated[Expression, about(_CRON)]
    time_zone: Annotated[ZoneName, about(_ZONE)] = "UTC"
    count: Annotated[int, msgspec.Meta(ge=1, le=MOST_PREVIEWED), about("How many ticks to tell")] = 5
    after: Annotated[Instant | None, about("Ticks after this time, with an offset; left out: from now on")] = None


class SchedulesQuery(Body, frozen=True):
    """The parameters of GET /api/schedules. A repeated `type` means or."""

    paused: Annotated[bool | None, about("Only those that are paused, or only those that are not")] = None
    type: Annotated[tuple[JobType, ...], about("Only those that enqueue jobs of one of these types")] = ()
    q: Annotated[Text, about("Text in the name or in the type")] = ""

    def fits(self, row: Schedule) -> bool:
        """Whether a schedule is meant."""
        if self.paused not in (None, row.paused) or (self.type and row.type not in self.type):
            return False
        text = self.q.casefold()
        return text in row.name.casefold() or text in row.type.casefold()
