"""Types that several bodies and queries share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from jobs.clock import MAX_INSTANT_MS, to_instant_ms
from jobs.ids import PATTERN as NEW_ID
from jobs.inspection.wire import about
from jobs.limits import QUEUE_PATTERN, TYPE_PATTERN


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Root of everything that comes in."""


Status = Annotated[
    Literal["scheduled", "blocked", "pending", "active", "retrying", "completed", "dead", "cancelled"],
    msgspec.Meta(title="StoredStatus"),
]
PriorityWord = Annotated[Literal["high", "normal", "low"], msgspec.Meta(title="Priority")]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=MAX_INSTANT_MS)]
# What new jobs may have is checked by `jobs.limits` and `jobs.ids`, in their words; the others are for what there is.
NewJobType = Annotated[str, msgspec.Meta(min_length=1, max_length=128, extra_json_schema={"pattern": TYPE_PATTERN})]
NewQueueName = Annotated[str, msgspec.Meta(min_length=1, max_length=64, extra_json_schema={"pattern": QUEUE_PATTERN})]
NewJobId = Annotated[str, msgspec.Meta(min_length=1, max_length=128, extra_json_schema={"pattern": NEW_ID})]
JobType = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern="^[A-Za-z0-9._/-]+$")]
QueueName = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[a-z0-9_.-]+$")]
PoolName = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_.-]+$")]
_JOB_ID = r"^(?!(\.{1,2}|bulk|groups|operations)$)[A-Za-z0-9._:-]+$"
JobId = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=_JOB_ID)]
Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Text = Annotated[str, msgspec.Meta(max_length=200)]
Reason = Annotated[str, msgspec.Meta(max_length=500), about("Why, for those who look later")]


def instant_ms(moment: datetime | None) -> int | None:
    """The instant of a bound in ms. Nothing is older than 1970 or later than the year 9999 in UTC; an offset may be."""
    return None if moment is None else min(max(to_instant_ms(moment), 0), MAX_INSTANT_MS)
