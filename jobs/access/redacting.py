"""Whose eyes are spared what: from rights to what is masked."""

from __future__ import annotations

from typing import Any

from jobs.conf import Config
from jobs.filtering import JobFilter
from jobs.redaction import Redactor, redactor_of
from jobs.rights import Right

from .principal import Principal


def on_record(wanted: JobFilter, config: Config) -> dict[str, Any]:
    """A filter as the audit trail says it. What was looked for by somebody who may see everything is masked: who reads
    the trail need not have that right."""
    hidden = config.redact_fields
    return wanted.wire(redactor_of(hidden) if hidden else None)


def redactor_for(principal: Principal, config: Config) -> Redactor | None:
    """What hides fields from somebody; None for one who may see everything, and where nothing is to be hidden."""
    if principal.may(Right.SEE_PAYLOADS) or not config.redact_fields:
        return None
    return redactor_of(config.redact_fields)
