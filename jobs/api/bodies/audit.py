"""The query of the audit trail."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from jobs.clock import to_instant_ms
from jobs.trail import Action, Status, TrailFilter

from .base import Body, Instant, Text
from .filters import CursorText, Limit

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_SEVERAL: Final = "Who, by id: key:7, user:3, shell:root"


class AuditQuery(Body, frozen=True):
    """The parameters of GET /api/audit. A repeated one means or."""

    actor: Annotated[tuple[Id, ...], msgspec.Meta(description=_SEVERAL)] = ()
    action: tuple[Action, ...] = ()
    target: Annotated[tuple[Id, ...], msgspec.Meta(description="A kind (queue) or a kind and an id (queue:mail)")] = ()
    status: tuple[Status, ...] = ()
    operation_id: tuple[Id, ...] = ()
    after: Instant | None = None
    before: Instant | None = None
    q: Annotated[Text, msgspec.Meta(description="Text in who, from where, why and the id of what was acted on")] = ""
    limit: Limit = 50
    cursor: CursorText | None = None


def trail_filter_of(asked: AuditQuery) -> TrailFilter:
    """The filter that a query describes."""
    return TrailFilter(
        actors=asked.actor,
        actions=asked.action,
        targets=asked.target,
        statuses=asked.status,
        operation_ids=asked.operation_id,
        after=None if asked.after is None else to_instant_ms(asked.after),
        before=None if asked.before is None else to_instant_ms(asked.before),
        text=asked.q,
    )
