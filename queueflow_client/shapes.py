"""Whether answers have the shapes of the interface: anybody may be at the other end."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, TypeGuard

from .jobs import Job


def document_of(content: bytes) -> Job:
    """The JSON document of an answer, or a refusal with the code `not_json`."""
    with suppress(ValueError, RecursionError):
        document = json.loads(content)
        if isinstance(document, dict):
            return document
    return {"code": "not_json", "detail": content[:200].decode(errors="replace")}


def text(document: Job, name: str, default: str = "") -> str:
    """A field of text, `default` where there is none."""
    value = document.get(name)
    return value if isinstance(value, str) else default


def are_dicts(value: Any) -> TypeGuard[list[Job]]:
    """Whether it is a list of documents."""
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def is_fault(error: Any) -> TypeGuard[dict[str, str]]:
    """Whether it is one of the `errors` of a refusal."""
    return isinstance(error, dict) and all(isinstance(value, str) for value in error.values())


def is_job(document: Job) -> bool:
    """Whether it is a job, whatever else it tells."""
    return isinstance(document.get("jobId"), str) and isinstance(document.get("status"), str)


def is_job_with_result(document: Job) -> bool:
    """Whether it is a job, with its result if it is completed."""
    return is_job(document) and (document["status"] != "completed" or "result" in document)


def is_receipt(jobs: int, document: Job) -> bool:
    """Whether it tells of each of so many jobs, once, what became of it."""
    accepted, refused = document.get("accepted"), document.get("refused")
    if not (are_dicts(accepted) and are_dicts(refused)):
        return False
    places: list[Any] = [each.get("index") for each in (*accepted, *refused)]
    return (
        all(type(place) is int for place in places)
        and sorted(places) == list(range(jobs))
        and all(isinstance(each.get("jobId"), str) for each in accepted)
        and all(isinstance(each.get(name), str) for each in refused for name in ("code", "detail"))
        and all(isinstance(each.get(name), str | None) for each in refused for name in ("field", "jobId"))
    )
