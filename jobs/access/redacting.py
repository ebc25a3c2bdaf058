"""Whose eyes are spared what: from rights to what is masked."""

from __future__ import annotations

from jobs.conf import Config
from jobs.redaction import Redactor, redactor_of
from jobs.rights import Right

from .principal import Principal


def redactor_for(principal: Principal, config: Config) -> Redactor | None:
    """What hides fields from somebody; None for one who may see everything, and where nothing is to be hidden."""
    if principal.may(Right.SEE_PAYLOADS) or not config.redact_fields:
        return None
    return redactor_of(config.redact_fields)
