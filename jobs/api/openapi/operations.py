"""Describes one operation: what it takes, what it answers, what it refuses, and what it takes to be let in."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from jobs.api.endpoint import Endpoint
from jobs.api.examples import answer_examples, request_examples
from jobs.api.reply import is_text
from jobs.rights import scopes_with

from .about import tag_of
from .headers import header, limits
from .links import links_of
from .parameters import IDEMPOTENCY_KEY, query_parameters
from .refusals import refused
from .schemas import schema_of

ALWAYS: Final = (400, 401, 403, 405, 422, 429, 503)
WITH_BODY: Final = (413, 415)
SAFE: Final = "GET"
KEY, SESSION, CSRF = "apiKey", "session", "csrfToken"


class Facts(NamedTuple):
    """What the document has to know of an endpoint besides the endpoint itself."""

    answers: Mapping[int, Any]
    body: type[msgspec.Struct] | None
    query: type[msgspec.Struct] | None
    problems: Iterable[int]
    idempotent: bool
    located: bool


def describe(endpoint: Endpoint, facts: Facts) -> dict[str, Any]:
    """The `openapi_extra` of an operation."""
    name = endpoint.work.__name__
    made: dict[str, Any] = {
        "description": _description(endpoint),
        "tags": [tag_of(endpoint.path)],
        "responses": _responses(name, endpoint, facts),
        "security": _security(endpoint),
        "x-required-scopes": _scopes(endpoint),
        "parameters": query_parameters(facts.query) if facts.query else [],
    }
    if facts.idempotent:
        made["parameters"].append(IDEMPOTENCY_KEY)
    if facts.body is not None:
        content = {"schema": schema_of(facts.body), "examples": request_examples(name, facts.body)}
        made["requestBody"] = {"required": _demands(facts.body), "content": {"application/json": content}}
    return made


def _description(endpoint: Endpoint) -> str:
    said = inspect.cleandoc((endpoint.work.__doc__ or "").partition("\n")[2])
    scopes = " or ".join(f"`{scope}`" for scope in _scopes(endpoint))
    rights = " or ".join(f"`{right}`" for right in endpoint.rights)
    return f"{said}\n\nTakes a key with the scope {scopes}, or a person with the right {rights}.".strip()


def _scopes(endpoint: Endpoint) -> list[str]:
    """The narrowest scopes of which one is needed."""
    return list(dict.fromkeys(scopes_with(right)[0].value for right in endpoint.rights))


def _security(endpoint: Endpoint) -> list[dict[str, list[str]]]:
    session: dict[str, list[str]] = {SESSION: []} if endpoint.method == SAFE else {SESSION: [], CSRF: []}
    return [*({KEY: [scope]} for scope in _scopes(endpoint)), session]


def _responses(name: str, endpoint: Endpoint, facts: Facts) -> dict[int, Any]:
    made = {status: _answer(name, status, kind, facts.located) for status, kind in facts.answers.items()}
    codes = {*ALWAYS, *facts.problems, *(WITH_BODY if facts.body is not None else ())}
    codes |= {404} if endpoint.names else set()
    return made | {code: refused(code) for code in sorted(codes)}


def _answer(name: str, status: int, kind: Any, located: bool) -> dict[str, Any]:
    headers = limits() | ({"Location": header("Location", required=True)} if located else {})
    if kind is None:
        return {"description": "It is done; there is nothing to say of it.", "headers": headers}
    made = {
        "description": (kind.__doc__ or "").partition("\n")[0],
        "headers": headers,
        "content": _content(name, status, kind),
    }
    links = links_of(kind)
    return made | {"links": links} if links else made


def _content(name: str, status: int, kind: Any) -> dict[str, Any]:
    if is_text(kind):
        return {
            media: {"schema": {"type": "string"}, "examples": {"usual": {"value": text}}}
            for media, text in kind.examples.items()
        }
    return {"application/json": {"schema": schema_of(kind), "examples": answer_examples(name, status, kind)}}


def _demands(body: type[msgspec.Struct]) -> bool:
    return any(field.required for field in msgspec.structs.fields(body))
