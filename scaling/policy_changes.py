"""How a policy has changed: who changed which field from what to what, from the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from jobs.models import AuditEntry
from jobs.trail import Action

from .models import ScalingPolicy

MOST: Final = 200
DELETED: Final = "deleted"


class FieldChange(NamedTuple):
    """A field by its name for people, and what it was and became."""

    field: str
    before: str
    after: str


class PolicyChange(NamedTuple):
    """One entry of the trail, of which `what` was done; `fields` that differ, none where it began or ended.

    No entry: nobody did it, and it was before all others of its policy.
    """

    entry: AuditEntry | None
    what: str
    version: int | None
    fields: list[FieldChange]


BEGUN: Final = PolicyChange(None, "made, as environment variables said", 1, [])  # which leaves no entry


def policy_changes(pool: str) -> list[PolicyChange]:
    """The changes of a pool's policy, latest first, with how it began; none where nobody has changed it."""
    rows = AuditEntry.objects.filter(action=Action.SCALING_POLICY, target_id=pool).order_by("-at", "-id")
    found = [_told(row) for row in rows[:MOST]]
    end = next((index for index, change in enumerate(found) if change.what == DELETED), len(found))
    if any(change.version == 1 for change in found[:end]) or not found or end == MOST:
        return found
    return [*found[:end], BEGUN, *found[end:]]


def _told(entry: AuditEntry) -> PolicyChange:
    detail: dict[str, Any] = entry.detail or {}
    changed = detail.get("changed")
    found = changed if isinstance(changed, dict) else {}
    pairs = {name: pair for name, pair in found.items() if isinstance(pair, list) and len(pair) == 2}
    fields = [FieldChange(_label(name), in_a_line(old), in_a_line(new)) for name, (old, new) in pairs.items()]
    version = detail.get("version")
    return PolicyChange(entry, _what(detail, fields), version if isinstance(version, int) else None, fields)


def _what(detail: dict[str, Any], fields: list[FieldChange]) -> str:
    if detail.get("deleted"):
        return DELETED
    if fields:
        return "changed"
    return "saved as it was" if isinstance(detail.get("changed"), dict) else "made"


def _label(name: str) -> str:
    known = {field.name: field for field in ScalingPolicy._meta.get_fields()}
    field = known.get(name)
    return str(getattr(field, "verbose_name", name)).capitalize()


def in_a_line(value: Any) -> str:
    """A plain value for people: – for nothing, numbers in four digits, mappings and lists in words."""
    if value is None or value in ("", {}, []):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {in_a_line(each)}".replace("_", " ") for name, each in value.items())
    if isinstance(value, list):
        return "; ".join(in_a_line(each) for each in value)
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
