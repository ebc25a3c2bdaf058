"""A schedule as a person gives it, and the job that it stands for."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from jobs.requests import JobSpec

from .models import Missed, Overlap, Schedule

# What can be changed later. The payload is told of by itself: records of changes have none.
PLAIN: Final = (
    "type", "queue", "priority", "max_retries", "timeout_ms", "tags", "cron", "time_zone", "overlap", "missed",
)  # fmt: skip


class ScheduleForm(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a person decides. `payload` is JSON as bytes or text, kept as it is.

    Empty or None: what the handler says. `timeout_ms`: of one execution. `cron`, `time_zone`: see `schedules.cron`.
    """

    name: str
    type: str
    cron: str
    payload: bytes | str = b"null"
    queue: str = ""
    priority: str = ""
    max_retries: int | None = None
    timeout_ms: int | None = None
    tags: tuple[str, ...] = ()
    time_zone: str = "UTC"
    overlap: str = Overlap.ALLOW.value
    missed: str = Missed.LAST.value

    @property
    def payload_bytes(self) -> bytes:
        """The payload in UTF-8. Half a character, which JSON cannot have, becomes what is refused as no UTF-8."""
        return self.payload if isinstance(self.payload, bytes) else self.payload.encode(errors="surrogatepass")

    def spec(self, **options: Any) -> JobSpec:
        """The job at a tick, with further options of a JobSpec."""
        return JobSpec(
            type=self.type,
            payload=msgspec.Raw(self.payload_bytes),
            queue=self.queue or None,
            priority=self.priority or None,
            max_retries=self.max_retries,
            timeout=None if self.timeout_ms is None else self.timeout_ms / 1000,
            tags=self.tags,
            **options,
        )

    def facts(self) -> dict[str, Any]:
        """What of it can be changed, by name, without the payload."""
        return {name: msgspec.to_builtins(getattr(self, name)) for name in PLAIN}


def form_of(schedule: Schedule) -> ScheduleForm:
    """What a person would have to give for a schedule as it is; of tags that are no list there are none."""
    facts = {name: getattr(schedule, name) for name in PLAIN}
    tags = tuple(schedule.tags) if isinstance(schedule.tags, list) else ()
    return ScheduleForm(**(facts | {"name": schedule.name, "payload": schedule.payload, "tags": tags}))
