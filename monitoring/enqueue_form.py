"""A job as a form describes it: what the API is asked, and at which field its refusal belongs."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from typing import Any, Final

import msgspec
from django.http import QueryDict

from jobs.api.problems import FieldError

from .asking import NO_NUMBER, in_words
from .moments import exact

TEXTS: Final = ("queue", "priority", "deduplicationKey", "onDuplicate")
WHOLES: Final = ("maxRetries",)
DURATIONS: Final = ("delay", "timeout", "retention", "deduplicationTtl")
FIELDS: Final = ("type", "payload", *TEXTS, "runAt", *WHOLES, *DURATIONS, "tags")
_PART: Final = re.compile(
    r"([0-9]{1,9}(?:\.[0-9]{1,3})?)\s*(ms|s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:ours?)?|d(?:ays?)?)\s*", re.ASCII
)
_DURATION: Final = re.compile(rf"(?:{_PART.pattern})+\Z", re.ASCII)
_SECONDS: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,3})?\Z", re.ASCII)
_UNITS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_LONE_SURROGATE: Final = re.compile(r"\\u[dD][89abAB]")
NO_DURATION: Final = "Give a time like 90 s, 5 min or 2 h."


class EnqueueForm(msgspec.Struct, frozen=True):
    """The texts of the fields by their names; `key` makes a form count once however often it is sent."""

    values: dict[str, str]
    key: str

    @classmethod
    def read(cls, form: QueryDict) -> EnqueueForm:
        """What a form says."""
        return cls({name: form.get(name, "").strip() for name in FIELDS}, form.get("key") or secrets.token_hex(8))

    def again(self) -> EnqueueForm:
        """The same form, to be sent anew."""
        return EnqueueForm(self.values, secrets.token_hex(8))

    @property
    def is_opened_up(self) -> bool:
        """Whether it says more than what and where."""
        return any(self.values[name] for name in FIELDS if name not in ("type", "payload", "queue", "priority"))

    def body(self) -> dict[str, Any]:
        """What the endpoint takes. What is no number goes as it is, and is refused in the API's words."""
        said = {name: value for name, value in self.values.items() if value}
        options: dict[str, Any] = {name: said[name] for name in TEXTS if name in said}
        options |= {name: whole(said[name]) for name in WHOLES if name in said}
        options |= {name: milliseconds(said[name]) for name in DURATIONS if name in said}
        if "runAt" in said:
            options["runAt"] = exact(said["runAt"])
        if "tags" in said:
            options["tags"] = [tag for tag in (each.strip() for each in said["tags"].split(",")) if tag]
        body = {"type": said.get("type", ""), "payload": msgspec.Raw(said.get("payload", "").encode())}
        return body | ({"options": options} if options else {})

    def wrong_json(self) -> str:
        """Why the payload is no JSON; nothing where it is."""
        return wrong_json(self.values["payload"])


def wrong_json(text: str) -> str:
    """Why a payload that was typed is no JSON; nothing where it is. What is none must not get into a document."""
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        if not text.strip():
            return "Give a payload: any JSON, {} or null too."
        if _LONE_SURROGATE.search(text) and "truncated" in str(error):  # what the decoder says of half a character
            return "An escape in it, like \\ud800, stands for no character."
        return f"This is no JSON: {error}."
    return ""


def milliseconds(text: str) -> int | str:
    """A duration as people write it, in ms: `90`, `90 s`, `5 min`, `1h 30m`; any other text as it is."""
    lowered = text.lower()
    if _SECONDS.match(lowered):
        return round(float(lowered) * 1000)
    if not _DURATION.match(lowered):
        return text
    return round(
        sum(float(count) * _UNITS[unit if unit == "ms" else unit[0]] for count, unit in _PART.findall(lowered))
    )


def by_field(errors: tuple[FieldError, ...], fields: Collection[str] = FIELDS) -> dict[str, str]:
    """Refusals by the field of the form that they are about; under "" what is about none of `fields`."""
    told: dict[str, str] = {}
    for error in errors:
        path = error.field.removeprefix("options.")
        name = re.split(r"[.\[]", path, maxsplit=1)[0]
        place = name if name in fields else ""
        rest = path if place and path != place else ""
        message = in_words(error.message)
        if place in DURATIONS and message.startswith(NO_NUMBER):
            message = NO_DURATION
        told.setdefault(place, f"{rest}: {message}" if rest else message)
    return told


def whole(text: str) -> int | str:
    """A whole number; any other text as it is."""
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII) else text
