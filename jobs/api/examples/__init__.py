"""Examples of what goes in and out, for the OpenAPI document. The tests send each request and check each answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .answers import ANSWERS
from .jobs import JOBS
from .problems import PROBLEMS
from .requests import REQUESTS

__all__ = ["PROBLEMS", "answer_examples", "learn", "request_examples"]


def learn(requests: Mapping[Any, Any], answers: Mapping[Any, Any]) -> None:
    """Take examples of an app above this one, in the form of those here, before it declares its endpoints."""
    REQUESTS.update(requests)
    ANSWERS.update(answers)


def request_examples(operation: str, kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Examples of a body, by name: those of the operation, or else those of its Struct."""
    found = REQUESTS.get(operation) or REQUESTS.get(kind, {})
    return {name: {"summary": summary, "value": value} for name, (summary, value) in found.items()}


def answer_examples(operation: str, status: int, kind: Any) -> dict[str, Any]:
    """Examples of an answer, by name: that of the operation and status, or of the operation, or else of its Struct."""
    found = ANSWERS.get((operation, status)) or JOBS.get(operation) or ANSWERS.get(kind)
    if found is None:
        return {}
    return {"usual": {"value": msgspec.json.decode(msgspec.json.encode(found))}}
