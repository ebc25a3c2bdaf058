"""The headers of answers."""

from __future__ import annotations

from typing import Any, Final

_WHOLE: Final = {"type": "integer", "minimum": 0, "format": "int64"}
_TEXT: Final = {"type": "string"}
_HEADERS: Final[dict[str, tuple[str, dict[str, Any], Any]]] = {
    "Allow": ("The methods that are allowed here", _TEXT, "GET, POST"),
    "Location": ("The address of what was made, or met", {"type": "string", "format": "uri-reference"}, None),
    "RateLimit-Limit": ("Requests that the key may send at once", _WHOLE, 2000),
    "RateLimit-Remaining": ("Requests that it may send now", _WHOLE, 1999),
    "RateLimit-Reset": ("Seconds until it may send as many as RateLimit-Limit again", _WHOLE, 1),
    "Retry-After": ("Seconds after which another try makes sense", _WHOLE | {"minimum": 1}, 1),
    "WWW-Authenticate": ("How to prove who one is", _TEXT, 'Bearer realm="QueueFlow"'),
}
OF_KEYS: Final = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


def header(name: str, *, required: bool) -> dict[str, Any]:
    """The description of a header; one that is not required goes only with some answers."""
    description, schema, example = _HEADERS[name]
    made = {"description": description, "required": required, "schema": schema}
    return made if example is None else made | {"example": example}


def limits() -> dict[str, Any]:
    """The headers of every answer to a key; people have no limits."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in OF_KEYS}


def headers() -> dict[str, Any]:
    """The headers that operations refer to, by name."""
    return {name: header(name, required=False) for name in OF_KEYS}
