"""Describes endpoints in OpenAPI from the same Structs that read and write their bodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec

from .problems import MEDIA_TYPE

REF: Final = "#/components/schemas/{name}"
DESCRIPTIONS: Final = {
    400: "The request or its body is malformed",
    401: "No valid credential",
    403: "The credential lacks the scope, or the CSRF token is missing",
    404: "There is no such thing",
    405: "The method is not allowed here; Allow lists those that are",
    409: "The state of the thing forbids it; a duplicate names the job that is in the way",
    413: "The body or the payload is too large",
    415: "The body is not application/json",
    422: "The request is understood and cannot be accepted; each wrong field is named",
    429: "Too many requests",
    503: "The store or the database cannot answer now; try again after Retry-After seconds",
}
IDEMPOTENCY_KEY: Final = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "A repeat with the same key and body gets the first answer, and makes nothing twice",
    "schema": {"type": "string", "maxLength": 128},
}
ALWAYS: Final = (400, 401, 403, 405, 422, 503)
WITH_BODY: Final = (413, 415)


class ProblemDocument(msgspec.Struct, rename="camel"):
    """What every refusal looks like (RFC 9457)."""

    status: int
    title: str
    detail: str
    code: str
    errors: list[dict[str, str]] | None = None
    job_id: str | None = None


def schema_hook(kind: Any) -> dict[str, Any]:
    """The schema of what msgspec cannot describe: opaque JSON."""
    if kind is msgspec.Raw:
        return {}
    raise NotImplementedError(kind)


def components(kinds: Iterable[Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """A schema a kind, and the named ones they refer to."""
    schemas, named = msgspec.json.schema_components(kinds, schema_hook=schema_hook, ref_template=REF)
    return list(schemas), named


def describe(
    answers: Mapping[int, Any],
    body: Any,
    query: type[msgspec.Struct] | None,
    problems: Iterable[int],
    *,
    idempotent: bool = False,
) -> dict[str, Any]:
    """The `openapi_extra` of one operation. `answers` by status; None for one without content."""
    codes = sorted({*ALWAYS, *problems, *(WITH_BODY if body is not None else ())})
    responses = {status: _answer(status, kind) for status, kind in answers.items()}
    responses |= {code: _problem(code) for code in codes}
    made: dict[str, Any] = {"responses": responses}
    if body is not None:
        made["requestBody"] = {"required": _demands(body), "content": {"application/json": {"schema": _schema(body)}}}
    if query is not None:
        made["parameters"] = _parameters(query)
    if idempotent:
        made.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    return made


def _answer(status: int, kind: Any) -> dict[str, Any]:
    description = HTTPStatus(status).phrase
    if kind is None:
        return {"description": description}
    return {"description": description, "content": {"application/json": {"schema": _schema(kind)}}}


def _problem(code: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "description": DESCRIPTIONS[code],
        "content": {MEDIA_TYPE: {"schema": _schema(ProblemDocument)}},
    }
    if code == 503:
        made["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}
    return made


def _demands(body: type[msgspec.Struct]) -> bool:
    return any(field.required for field in msgspec.structs.fields(body))


def _schema(kind: Any) -> dict[str, Any]:
    return components([kind])[0][0]


def _parameters(query: type[msgspec.Struct]) -> list[dict[str, Any]]:
    hints = get_type_hints(query, include_extras=True)
    made = []
    for field in msgspec.structs.fields(query):
        kind = hints[field.name]
        optional = [part for part in get_args(kind) if part is not type(None)]
        if type(None) in get_args(kind) and len(optional) == 1:  # left out instead of null
            kind = optional[0]
        schema = _schema(kind)
        entry: dict[str, Any] = {"in": "query", "name": field.encode_name, "required": field.required, "schema": schema}
        if get_origin(kind) is tuple or schema.get("type") == "array":
            entry |= {"style": "form", "explode": True}
        if "description" in schema:
            entry["description"] = schema.pop("description")
        made.append(entry)
    return made
