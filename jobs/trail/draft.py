"""Makes the fields of an entry from whatever callers and clients give: bounded, and acceptable to every database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from django.utils import timezone

from jobs.conf import get_config
from jobs.models import Action, AuditEntry
from jobs.redaction import redactor_of
from jobs.words import storable

from .actor import Actor

MOST_DETAIL: Final = 4096  # characters of its JSON
MOST_COUNT: Final = 2**63 - 1


def draft(
    actor: Actor,
    action: Action,
    target: str = "",
    *,
    reason: str = "",
    operation_id: str = "",
    detail: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The fields of a new entry. What is too long is cut, what no database takes is replaced.

    Values of fields that are hidden from some are masked in the reason: who reads the trail need not have the right
    to see payloads, and an entry is never changed. Raises ConfigError where the configuration was refused.
    """
    fields = {
        "actor_id": actor.id,
        "actor": actor.name,
        "action": action.value,
        "target_kind": action.kind,
        "target_id": target,
        "address": actor.address,
        "reason": redactor_of(get_config().redact_fields).mask_text(str(reason)),
        "operation_id": operation_id,
    }
    return {name: text(name, value) for name, value in fields.items()} | {
        "at": timezone.now(),
        "detail": bounded(detail or {}),
    }


def text(field: str, value: str) -> str:
    """A text as its column takes it."""
    return storable(str(value))[: getattr(AuditEntry._meta.get_field(field), "max_length", None)]


def whole(count: int | None) -> int | None:
    """A count as its column takes it."""
    return None if count is None else max(0, min(int(count), MOST_COUNT))


def bounded(detail: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON of at most 4,096 characters; more is cut, under the name `cut`."""
    plain: dict[str, Any] = json.loads(json.dumps(_plain(detail), default=str))
    written = json.dumps(plain, ensure_ascii=False)
    return plain if len(written) <= MOST_DETAIL else {"cut": written[: MOST_DETAIL // 2]}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {storable(str(name)): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in value]
    if isinstance(value, float) and value - value != 0:  # JSON of databases has no infinities
        return str(value)
    return storable(str(value)) if isinstance(value, str) else value
