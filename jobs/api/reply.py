"""What an endpoint answers, before it is put into the form of a server interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
from django.http import HttpResponse


class Reply(msgspec.Struct, frozen=True):
    """A status, headers, the body's bytes."""

    status: int
    headers: dict[str, str]
    content: bytes = b""

    def response(self) -> HttpResponse:
        """The answer as Django's response."""
        made = HttpResponse(self.content, status=self.status, headers=self.headers)
        if "Content-Type" not in self.headers:
            del made["Content-Type"]
        return made


class Text:
    """An answer that is no JSON. The class has an example of each media type that it comes in."""

    examples: ClassVar[Mapping[str, str]] = {}

    def __init__(self, content: bytes, media: str) -> None:
        self.content = content
        self.media = media


def is_text(kind: Any) -> bool:
    """True for a class of answers that are no JSON."""
    return isinstance(kind, type) and issubclass(kind, Text)


class Answer:
    """An answer with another status than the first one declared, or with headers."""

    def __init__(self, value: Any, status: int | None = None, headers: Mapping[str, str] | None = None) -> None:
        self.value = value
        self.status = status
        self.headers = dict(headers or {})


def reply_of(answer: Any, status: int, headers: Mapping[str, str]) -> Reply:
    """The reply that carries an endpoint's answer: strict JSON, opaque parts byte for byte. `headers` go with it."""
    if not isinstance(answer, Answer):
        answer = Answer(answer)
    sent = {"Cache-Control": "no-store", **headers, **answer.headers}
    if answer.value is None:
        return Reply(answer.status or status, sent)
    if isinstance(answer.value, Text):
        return Reply(answer.status or status, sent | {"Content-Type": answer.value.media}, answer.value.content)
    sent["Content-Type"] = "application/json"
    return Reply(answer.status or status, sent, msgspec.json.encode(answer.value))
