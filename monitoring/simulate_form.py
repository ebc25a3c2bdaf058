"""The form of a simulation: what it says, and what the API is asked with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

import msgspec
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from jobs.api.problems import FieldError
from scaling.api.simulate_bodies import MOST_NAME, MOST_TRACE

from .asking import in_words
from .enqueue_form import milliseconds
from .given_numbers import given_number

SOURCES: Final = (
    ("days", "This pool's last days"),
    ("example:day", "An example: a day with two peaks"), ("example:bursts", "An example: bursts"),
    ("example:step", "An example: ten times the load at once"), ("example:hourly", "An example: a batch each hour"),
    ("trace", "A trace from a file"),
)  # fmt: skip
DURATIONS: Final = ("goal", "startup", "service")
NUMBERS: Final = ("day", "minimum", "maximum", "slots", "peak", "cv")
SHAPES: Final = ("scheduled", "smooth")  # of which an example has its own
FIELDS: Final = ("source", "days", *DURATIONS, *NUMBERS, *SHAPES)
ONE_DAY: Final = "1"
USUAL: Final = ("latency_target", "default", "hpa")
_BEGINNING: Final = re.compile(r"[^.\[]*")


class SimulateForm(msgspec.Struct, frozen=True):
    """`values` by field, `strategies` those that are chosen, `trace` the text of the file, None without one,
    and `name` what that is called."""

    values: Mapping[str, str]
    strategies: Sequence[str]
    trace: str | None = None
    name: str = ""

    @classmethod
    def first(cls, active: str) -> Self:
        """A form that nobody has filled in: the policy's strategy and a few to compare it with."""
        return cls({"source": SOURCES[0][0], "days": ONE_DAY}, tuple(dict.fromkeys((active, *USUAL))))

    @classmethod
    def read(cls, query: QueryDict, file: UploadedFile[Any] | None) -> Self:
        """What somebody has filled in."""
        values = {name: query.get(name, "").strip()[:200] for name in FIELDS}
        text = None if file is None else file.read(4 * MOST_TRACE).decode("utf-8-sig", "replace")
        called = ((file and file.name) or "")[:MOST_NAME]
        return cls(values, tuple(query.getlist("strategy"))[:50], text and text[: MOST_TRACE + 1], called)

    def body(self) -> dict[str, Any]:
        """What the API is asked."""
        kind, _, which = self.values["source"].partition(":")
        if kind == "trace":
            body: dict[str, Any] = {"trace": self.trace or ""} | ({"name": self.name} if self.name else {})
        else:
            body = {"days": given_number(self.values["days"] or ONE_DAY)} if kind == "days" else {"example": which}
        body["strategies"] = list(self.strategies)
        said = {name: value for name, value in self.values.items() if value}
        body |= {name: milliseconds(said[name]) for name in DURATIONS if name in said}
        body |= {name: True for name in SHAPES if name in said}
        return body | {name: given_number(said[name]) for name in NUMBERS if name in said}


def told_by_field(errors: Sequence[FieldError]) -> dict[str, str]:
    """Refusals by the field of the form that they are about; under "" what is about none of them."""
    told: dict[str, str] = {}
    for error in errors:
        found = _BEGINNING.match(error.field)
        name = found[0] if found else ""
        place = "source" if name in ("trace", "name", "example") else name
        place = place if place in ("strategies", *FIELDS) else ""
        told.setdefault(place, in_words(error.message))
    return told
