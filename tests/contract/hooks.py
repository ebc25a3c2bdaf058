"""For schemathesis: what fits the schemas is refused only for reasons that no schema can say."""

from __future__ import annotations

import atexit
import itertools
import json
import os
import re
from pathlib import Path
from typing import Any, Final

import schemathesis

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
ANSWERS_FILE: Final = "CONTRACT_ANSWERS"  # the variable that names it
# Code, field and message of each.
REASONS: Final = (
    ("unknown_job_type", "type", "no handler is known"),  # the service of these tests knows one
    ("invalid", "filter", "it is empty"),  # null restricts nothing, but counts as a property
    ("invalid", r"options\.delay", "at most"),  # it would end after the year 9999
    ("invalid", r"options\.runAt", "either delay or runAt|before the year 10000"),
    ("invalid", r"options\.deduplicationKey", "at most 256 bytes"),  # schemas count characters
    ("invalid", r"options\.deduplicationTtl", "needs a deduplicationKey"),
    ("invalid", r"options\.tags", "printable"),
    ("invalid", r"options\.backoff", "max must be between base"),
    ("invalid", "type", "no handler is known"),  # and something else is wrong
    ("invalid", "cron", "not a cron expression|five fields|plain characters|never comes"),
    ("invalid", "timeZone", "the IANA name"),
    ("invalid", "tags", "printable"),
    ("invalid", "strategy", "No scaling strategy"),
    ("invalid", "parameters", "has no parameter"),
    ("invalid", "minimum", "above the most workers"),
    ("invalid", "scaleDownThreshold", "not below the other threshold"),
    ("invalid", "workers", "the policy allows"),
    ("invalid", "namespace|deployment", "as Kubernetes has them"),
    ("invalid", "days|trace|example", "give one of"),
    ("invalid", "days", "too little is recorded"),
    ("invalid", "trace", "rows|no arrivals|cannot be read|than|float"),
    ("invalid", r"strategies\[\d+\]", "No scaling strategy"),
    ("invalid", "minimum", "between 0 and maximum"),
    ("invalid", r"(options\.)?\w+(\.\w+)?", "got float"),  # 5.0 is a whole number for JSON Schema
)
_numbers = itertools.count(1)
_answers: set[tuple[str, int]] = set()


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case[Any], **kwargs: Any) -> None:
    """Let valid data get to where it is looked at: a key that came with another body and a made-up cursor would not."""
    if not _is_valid(case):
        return
    if case.operation.definition.raw["operationId"] == "start_simulation" and isinstance(case.body, dict):
        case.body |= {"peak": 0.5, "strategies": ["hpa"]}  # else each would take a core for a minute
    if IDEMPOTENCY_KEY in case.headers:
        case.headers[IDEMPOTENCY_KEY] = f"{next(_numbers)} {case.headers[IDEMPOTENCY_KEY]}"[:128]
    case.query.pop("cursor", None)


@schemathesis.hook
def after_call(
    context: schemathesis.HookContext, case: schemathesis.Case[Any], response: schemathesis.Response
) -> None:
    """Note what each operation has answered."""
    _answers.add((case.operation.definition.raw["operationId"], response.status_code))


@schemathesis.check
def only_known_reasons(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> bool | None:
    """Raise AssertionError for a 422 to valid data whose reasons are not in the table."""
    if response.status_code != 422 or not _is_valid(case):
        return None
    refusal = response.json()
    for error in refusal.get("errors", [{"field": "", "message": refusal["detail"]}]):
        assert any(
            refusal["code"] == code and re.fullmatch(field, error["field"]) and re.search(message, error["message"])
            for code, field, message in REASONS
        ), f"valid data was refused: {refusal}"
    return None


def _is_valid(case: schemathesis.Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive


@atexit.register
def _write_answers() -> None:
    if ANSWERS_FILE in os.environ:
        Path(os.environ[ANSWERS_FILE]).write_text(json.dumps(sorted(_answers)))
