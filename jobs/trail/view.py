"""The audit trail as the API shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jobs.clock import to_instant_ms
from jobs.inspection.wire import Time, Wire, time_of
from jobs.models import AuditEntry


class AuditTarget(Wire, frozen=True):
    """What was acted on; `id` is empty where the action names no single thing."""

    kind: str
    id: str


class AuditView(Wire, frozen=True):
    """One entry. `status`: intent (under way), done, failed (with `code`), unknown (nobody can tell).

    `count` is null until it is known; for a bulk operation, `operationId` leads to the figures.
    """

    id: int
    at: Time
    actor_id: str
    actor: str
    action: str
    target: AuditTarget
    address: str | None
    reason: str | None
    count: int | None
    status: str
    code: str | None
    operation_id: str | None
    detail: dict[str, Any]
    finished_at: Time | None


class AuditPage(Wire, frozen=True):
    """A page of entries, latest first. It may have few items, or none, and still go on at `nextCursor`."""

    items: list[AuditView]
    next_cursor: str | None


def view_of(entry: AuditEntry) -> AuditView:
    """The entry as it is shown."""
    return AuditView(
        id=entry.pk,
        at=_time(entry.at) or "",
        actor_id=entry.actor_id,
        actor=entry.actor,
        action=entry.action,
        target=AuditTarget(kind=entry.target_kind, id=entry.target_id),
        address=entry.address or None,
        reason=entry.reason or None,
        count=entry.count,
        status=entry.shown_status.value,
        code=entry.code or None,
        operation_id=entry.operation_id or None,
        detail=entry.detail,
        finished_at=_time(entry.finished_at),
    )


def _time(moment: datetime | None) -> Time | None:
    return time_of(to_instant_ms(moment)) if moment else None
