"""A schedule as a form describes it: what the API is asked, and at which field its refusal belongs."""

from __future__ import annotations

import re
from typing import Any, Final, Self

import msgspec
from django.http import QueryDict

from schedules.api.answers import ScheduleView

from .enqueue_form import milliseconds, whole, wrong_json
from .templatetags.scaling import span

TEXTS: Final = ("type", "cron", "timeZone", "overlap", "missed")
WORDS: Final = ("queue", "priority")  # empty: as the handler says
FIELDS: Final = ("name", *TEXTS, *WORDS, "maxRetries", "timeout", "tags", "payload", "reason")
_VERSION: Final = re.compile(r"[0-9]{1,15}\Z", re.ASCII)
FIRST: Final = {"timeZone": "UTC", "overlap": "allow", "missed": "last", "payload": "{}"}


class ScheduleForm(msgspec.Struct, frozen=True):
    """The texts of the fields by their names, and which version a change is of; 0 for a new schedule."""

    values: dict[str, str]
    version: int = 0

    @classmethod
    def first(cls, query: QueryDict) -> Self:
        """A form that nobody has filled in, but for what an address says."""
        return cls(dict.fromkeys(FIELDS, "") | FIRST | {name: query.get(name, "") for name in FIELDS if name in query})

    @classmethod
    def of(cls, schedule: ScheduleView) -> Self:
        """A schedule as it is."""
        values = {
            "name": schedule.name,
            "type": schedule.type,
            "cron": schedule.cron,
            "timeZone": schedule.time_zone,
            "overlap": schedule.overlap,
            "missed": schedule.missed,
            "queue": schedule.queue or "",
            "priority": schedule.priority or "",
            "maxRetries": "" if schedule.max_retries is None else str(schedule.max_retries),
            "timeout": "" if schedule.timeout is None else span(schedule.timeout),
            "tags": ", ".join(schedule.tags),
            "payload": bytes(schedule.payload or b"").decode(),
            "reason": "",
        }
        return cls(values, schedule.version)

    @classmethod
    def read(cls, form: QueryDict) -> Self:
        """What somebody has filled in. A browser ends lines with two characters, which nobody typed."""
        values = {name: form.get(name, "").strip().replace("\r\n", "\n") for name in FIELDS}
        return cls(values, int(version) if _VERSION.match(version := form.get("version", "")) else 0)

    @property
    def is_opened_up(self) -> bool:
        """Whether it says more than most do."""
        return any(self.values[name] for name in ("maxRetries", "timeout", "tags"))

    def wrong_json(self) -> str:
        """Why the payload is no JSON; nothing where it is."""
        return wrong_json(self.values["payload"])

    def new(self) -> dict[str, Any]:
        """What the API is asked for a new schedule."""
        return {"name": self.values["name"], "payload": self._payload(), **self._rest()}

    def change(self, before: ScheduleView, *, with_payload: bool) -> dict[str, Any]:
        """What it is asked for a change.

        What nobody has touched stays as it is, also where a field cannot say it exactly, like a tag with a comma.
        """
        was = self.of(before).values
        is_touched = self.values["payload"] != _typed(was["payload"])
        payload = {"payload": self._payload()} if with_payload and is_touched else {}
        same = {name for name in ("timeout", "tags") if self.values[name] == was[name] and not before.trouble}
        rest = {name: value for name, value in self._rest().items() if name not in same}
        return {"version": self.version, **payload, **rest}

    def others(self, now: ScheduleView) -> dict[str, str]:
        """By field: what a schedule has there, where that is not what the form says."""
        known = self.of(now).values
        known["payload"] = _typed(known["payload"])
        return {
            name: known[name] or "empty"
            for name in FIELDS
            if name not in ("name", "reason") and known[name] != self.values[name]
        }

    def _payload(self) -> msgspec.Raw:
        return msgspec.Raw(self.values["payload"].encode())

    def _rest(self) -> dict[str, Any]:
        said = self.values
        return {
            **{name: said[name] for name in TEXTS},
            **{name: said[name] or None for name in WORDS},
            "maxRetries": whole(said["maxRetries"]) if said["maxRetries"] else None,
            "timeout": milliseconds(said["timeout"]) if said["timeout"] else None,
            "tags": [tag for tag in (each.strip() for each in said["tags"].split(",")) if tag],
            "reason": said["reason"],
        }


def _typed(text: str) -> str:
    """A text as a form gives it back."""
    return text.strip().replace("\r\n", "\n")
