"""Parameters: those of a query, from its Struct, and the names in a path."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, get_type_hints

import msgspec

from jobs.api.bodies.base import JobId, JobType, PoolName, QueueName

from .schemas import Schema, schema_of

IDEMPOTENCY_KEY: Final = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "A repeat with the same key and body gets the first answer, and makes nothing twice. Another body "
    "is refused. Keys are kept for a day by default.",
    "schema": {"type": "string", "maxLength": 128, "pattern": "^[ -~]*$"},
    "example": "order-7-confirmation",
}
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
# What the names in paths stand for: their kind, what they are, an example.
_NAMES: Final[dict[str, tuple[Any, str, str]]] = {
    "job_id": (JobId, "The job's id", "00b1946ac92492d2347c62"),
    "job_type": (JobType, "The job type; a slash in it may be written as it is or as %2F", "send-email"),
    "name": (QueueName, "The queue's name", "mail"),
    "fingerprint": (Id, "The group's fingerprint", "9f86d081884c7d65"),
    "operation_id": (Id, "The operation's id", "17723574000003f9c02d1"),
    "pool": (PoolName, "The pool's name", "default"),
    "schedules/name": (QueueName, "The schedule's name", "daily-sales"),
    "simulation_id": (Id, "The simulation's id", "17723520000009f86d081"),
    "worker_id": (Id, "The worker's id", "web-1-4242-9f31ac"),
}


def camel(name: str) -> str:
    """A name of Python's as the wire has it."""
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def path_parameter(name: str, path: str = "") -> dict[str, Any]:
    """The name in a path, which the document writes like every other name."""
    made: dict[str, Any] = {"in": "path", "name": camel(name), "required": True, "style": "simple"}
    below = path.removeprefix("/api/").partition("/")[0]
    kind, description, example = _NAMES.get(f"{below}/{name}") or _NAMES.get(name, (str, "", ""))
    return {**made, "description": description, "schema": schema_of(kind), "example": example}


def query_parameters(query: type[msgspec.Struct]) -> list[dict[str, Any]]:
    """The parameters that a query's Struct reads."""
    hints = get_type_hints(query, include_extras=True)
    return [_query_parameter(field, hints[field.name]) for field in msgspec.structs.fields(query)]


def _query_parameter(field: msgspec.structs.FieldInfo, kind: Any) -> dict[str, Any]:
    schema = _without_null(schema_of(kind))
    made = {
        "in": "query",
        "name": field.encode_name,
        "required": field.required,
        "description": schema.pop("description"),
        "schema": schema,
    }
    if schema.get("type") == "array":
        made |= {"style": "form", "explode": True}
    if field.default not in (None, "", (), msgspec.NODEFAULT):
        schema["default"] = field.default
    return made


def _without_null(schema: Schema) -> Schema:
    """A parameter is left out instead of null."""
    parts = [part for part in schema.pop("anyOf", []) if part != {"type": "null"}]
    return parts[0] | schema if len(parts) == 1 else schema
