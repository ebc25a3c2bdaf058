"""One request in an endpoint's hands, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar, cast

import msgspec
from django.http import HttpRequest, HttpResponse

from jobs.conf import Config
from jobs.store.store import Store

from .access import Principal
from .problems import Problem
from .reading import read

B = TypeVar("B")
Q = TypeVar("Q")

MAX_IDEMPOTENCY_KEY: Final = 128


class NoBody(msgspec.Struct, frozen=True):
    """The body of an endpoint that takes none: nothing, or an empty object."""


class Call(Generic[B, Q]):
    """One request, read and allowed. `body` and `query` are the Structs that the endpoint declared."""

    def __init__(self, request: HttpRequest, store: Store, body: B, query: Q) -> None:
        self.request = request
        self.store = store
        self.body = body
        self.query = query

    @property
    def principal(self) -> Principal:
        """Who asks."""
        return cast(Principal, self.request.auth)  # type: ignore[attr-defined]  # ninja sets it

    @property
    def config(self) -> Config:
        """The configuration."""
        return self.store.config

    @property
    def raw_body(self) -> bytes:
        """The body as it came."""
        return self.request.body

    @property
    def idempotency_key(self) -> str:
        """The Idempotency-Key, "" without. Raises Problem 422 for one that is too long or not plain text."""
        key = self.request.headers.get("Idempotency-Key", "")
        if len(key) > MAX_IDEMPOTENCY_KEY or not (key.isascii() and key.isprintable()):
            detail = f"Idempotency-Key: give 1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters"
            raise Problem(422, "invalid", detail)
        return key


class Answer:
    """An answer with another status than the first one declared, or with headers."""

    def __init__(self, value: Any, status: int | None = None, headers: Mapping[str, str] | None = None) -> None:
        self.value = value
        self.status = status
        self.headers = dict(headers or {})


def render(answer: Any, status: int) -> HttpResponse:
    """The response that carries an endpoint's answer: strict JSON, opaque parts byte for byte."""
    if not isinstance(answer, Answer):
        answer = Answer(answer)
    content = b"" if answer.value is None else msgspec.json.encode(answer.value)
    made = HttpResponse(content, status=answer.status or status, headers=answer.headers)
    if answer.value is None:
        del made["Content-Type"]
    else:
        made["Content-Type"] = "application/json"
    made["Cache-Control"] = "no-store"
    return made


def read_body(kind: type[Any], request: HttpRequest) -> Any:
    """The body as `kind`. Raises Problem 400, 413, 415, 422."""
    body = request.body
    if not body and not any(field.required for field in msgspec.structs.fields(kind)):
        return kind()
    media, _, rest = request.headers.get("Content-Type", "").partition(";")
    charset = rest.strip().lower().replace('"', "").replace(" ", "")
    if media.strip().lower() != "application/json" or charset not in {"", "charset=utf-8"}:
        raise Problem(415, "unsupported_media_type", "Send the body as application/json in UTF-8.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem(415, "unsupported_media_type", "Send the body without a Content-Encoding.")
    return read(kind, body)
