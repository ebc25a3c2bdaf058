"""The audit trail."""

from __future__ import annotations

from jobs.api.bodies.audit import AuditQuery, trail_filter_of
from jobs.api.call import Call, NoBody
from jobs.rights import Right
from jobs.trail import AuditPage, Trail, count_operations

from .endpoints import endpoints


@endpoints.get("/audit", Right.SEE_AUDIT, query=AuditQuery, answers={200: AuditPage})
def list_audit_entries(call: Call[NoBody, AuditQuery]) -> AuditPage:
    """List what people and keys have changed, latest first.

    A page that looks for a text may have few items, or none, and still go on at `nextCursor`.
    """
    count_operations(call.store)
    return Trail(call.redactor).page(trail_filter_of(call.query), call.query.limit, call.query.cursor or "")
