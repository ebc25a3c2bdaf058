"""Schemas of the Structs that read and write bodies, in the form that client generators do most with."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

REF: Final = "#/components/schemas/{name}"
INT32: Final = 2**31 - 1
Schema = dict[str, Any]

# What Structs are called in the document where their name in Python says too little outside of its module.
NAMES: Final = {
    "Accepted": "BulkAccepted",
    "Action": "AuditAction",
    "FieldError": "ProblemField",
    "Groups": "DeadGroupList",
    "JobProblem": "OperationSample",
    "Moment": "TimelineMoment",
    "Page": "JobPage",
    "Part": "StatusPart",
    "Queues": "QueueList",
    "Receipt": "EnqueueReceipt",
    "Refused": "BulkRefused",
    "Started": "OperationStarted",
    "Status": "AuditStatus",
    "Types": "TypeList",
    "Workers": "WorkerList",
}
# What the closed sets of words are for.
WORDS: Final = {
    "Actuator": "Who carries decisions out: the supervisors of workerpools, Kubernetes, or nobody.",
    "AuditAction": "What was done. The word before the dot is the kind of what it was done to; scaling is of a pool.",
    "AuditStatus": "How far an action is known to have come. Nobody can tell of an unknown one whether it took effect.",
    "AttemptOutcome": "How an execution ended. Released and snoozed ones cost no attempt.",
    "GroupStatus": "What people think of an error. Jobs that die of a resolved one make it regressed.",
    "Health": "How a part, or the whole, is.",
    "JobEvent": "What happened to a job. `due` may lie in the future.",
    "JobStatus": "Where a job is. Those that are completed, dead or cancelled are over unless somebody acts; accepted "
    "ones wait for a store that is away.",
    "MissedTicks": "What becomes of ticks for which no scheduler ran: none is run, the latest one, or each of them.",
    "OperationAction": "What a bulk operation does to each job.",
    "OperationStatus": "How far a bulk operation is. A done, aborted or failed one changes nothing any more.",
    "Overlap": "Whether a tick runs while the job of an earlier one is unfinished, or is skipped.",
    "Priority": "How soon a job is claimed, compared with the others of its queue.",
    "ScalingAction": "What a decision means. `hold` leaves the pool as it is although something else was wanted.",
    "SimulationStatus": "How far a simulation of scaling is. A done, aborted or failed one is over.",
    "StackSource": "Who has read a stack.",
    "StoredStatus": "Where a job is that the store has.",
    "TickOutcome": "What became of a tick: its job was enqueued, or not, as one of an earlier tick was unfinished "
    "(skipped), no scheduler ran (missed), or the job could not be taken (refused).",
    "WorkerStatus": "What a worker does; lost: no heartbeat for three intervals.",
}

# What holds between fields.
_ALL_OR_SOME: Final = {
    "if": {"properties": {"all": {"const": True}}, "required": ["all"]},
    "else": {"properties": {"filter": {"minProperties": 1}}},
}
_QUEUE_FOR_RETRY: Final = {
    "if": {"required": ["queue"], "properties": {"queue": {"type": "string"}}},
    "then": {"properties": {"action": {"const": "retry"}}},
}
RULES: Final[dict[str, Schema]] = {
    "DeadOperationBody": {"allOf": [_ALL_OR_SOME, _QUEUE_FOR_RETRY]},
    "JobsOperationBody": _ALL_OR_SOME,
}


def components(kinds: Iterable[Any]) -> dict[str, Schema]:
    """The named schemas of kinds and of all that they refer to."""
    named = msgspec.json.schema_components(set(kinds), schema_hook=_hook, ref_template=REF)[1]
    return {NAMES.get(name, name): tidy(schema) | RULES.get(name, {}) for name, schema in named.items()}


def schema_of(kind: Any) -> Schema:
    """The schema of one kind: a reference for a Struct."""
    [schema] = msgspec.json.schema_components([kind], schema_hook=_hook, ref_template=REF)[0]
    return tidy(schema)


def tidy(schema: Schema) -> Schema:
    """A schema of msgspec's with our names, formats of numbers, and what answers always carry as required."""
    made = walk(schema, _tidied)
    if made.get("additionalProperties") is False:
        _drop_empty_defaults(made)
    elif "properties" in made:
        _require_all(made)
    return made


def walk(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """A copy of a schema in which `change` has been to every schema, inner ones first."""
    made = dict(schema)
    for key, part in schema.items():
        if key == "properties":
            made[key] = {name: walk(inner, change) for name, inner in part.items()}
        elif key in {"items", "additionalProperties"} and isinstance(part, dict):
            made[key] = walk(part, change)
        elif key in {"anyOf", "prefixItems"}:
            made[key] = [walk(inner, change) for inner in part]
    return change(made)


def hoisted(schema: Schema, found: dict[str, Schema]) -> Schema:
    """A schema with references in place of its named sets of words, which go into `found`."""

    def change(inner: Schema) -> Schema:
        if "enum" not in inner or "title" not in inner:
            return inner
        name = inner.pop("title")
        words = {"title": name, "type": inner.pop("type"), "enum": inner.pop("enum")}
        if found.setdefault(name, words)["enum"] != words["enum"]:
            raise ValueError(f"{name} stands for two sets of words")
        return {"$ref": REF.format(name=name), **inner}

    return walk(schema, change)


def _hook(kind: Any) -> Schema:
    """Opaque JSON, the one thing that msgspec cannot describe."""
    if kind is msgspec.Raw:
        return {}
    raise NotImplementedError(kind)


def _tidied(schema: Schema) -> Schema:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema["$ref"] = REF.format(name=NAMES.get(name, name))
    if "title" in schema:
        schema["title"] = NAMES.get(schema["title"], schema["title"])
    if "description" in schema:
        schema["description"] = inspect.cleandoc(schema["description"])
    if "enum" in schema:
        schema["type"] = "string"
    if {} in schema.get("anyOf", ()):  # any JSON has null in it already
        del schema["anyOf"]
    if schema.get("type") == "integer":
        schema["format"] = "int32" if schema.get("maximum", INT32 + 1) <= INT32 else "int64"
    if schema.get("type") == "number":
        schema["format"] = "double"
    return schema


def _drop_empty_defaults(schema: Schema) -> None:
    """An empty default in a body stands for what is left out, and often could not be given."""
    for field in schema["properties"].values():
        if field.get("default") in ([], (), ""):
            del field["default"]


def _require_all(schema: Schema) -> None:
    """Answers carry every field that has a default, so clients need not provide for its absence."""
    required = set(schema.get("required", ()))
    for name, field in schema["properties"].items():
        if "default" in field:
            del field["default"]
            required.add(name)
    schema["required"] = [name for name in schema["properties"] if name in required]
