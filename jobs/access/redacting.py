"""Whose eyes are spared what: from rights to what is masked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from jobs.conf import Config
from jobs.filtering import JobFilter
from jobs.redaction import Redactor, redactor_of
from jobs.rights import Right
from jobs.store.operation import Named

from .principal import Principal

MOST_NAMED: Final = 5


def on_record(wanted: JobFilter, config: Config) -> dict[str, Any]:
    """A filter as the audit trail says it. What was looked for by somebody who may see everything is masked: who reads
    the trail need not have that right."""
    hidden = config.redact_fields
    return wanted.wire(redactor_of(hidden) if hidden else None)


def named_on_record(errors: Sequence[Named]) -> dict[str, Any]:
    """Errors as the audit trail names them: by their class, which is in no payload, and the types they are of."""
    named = [{"error": class_of(each.line), "types": list(each.types)} for each in errors]
    return {"errors": named[:MOST_NAMED]} if named else {}


def class_of(line: str) -> str:
    """The class that an error line begins with; nothing where it names none."""
    kind, colon, _ = line.partition(": ")
    return kind if colon else ""


def redactor_for(principal: Principal, config: Config) -> Redactor | None:
    """What hides fields from somebody; None for one who may see everything, and where nothing is to be hidden."""
    if principal.may(Right.SEE_PAYLOADS) or not config.redact_fields:
        return None
    return redactor_of(config.redact_fields)
