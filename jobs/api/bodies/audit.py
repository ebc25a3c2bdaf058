"""The query of the audit trail."""

from __future__ import annotations

from typing import Annotated

import msgspec

from jobs.inspection.wire import about
from jobs.trail import Action, Status, TrailFilter

from .base import Body, Instant, Text, instant_ms
from .filters import CursorText, Limit

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class AuditQuery(Body, frozen=True):
    """The parameters of GET /api/audit. A repeated one means or."""

    actor: Annotated[tuple[Id, ...], about("Who, by id: key:7, user:3, shell:root")] = ()
    action: Annotated[tuple[Action, ...], about("What was done")] = ()
    target: Annotated[tuple[Id, ...], about("A kind (queue) or a kind and an id (queue:mail)")] = ()
    status: Annotated[tuple[Status, ...], about("How far it is known to have come")] = ()
    operation_id: Annotated[tuple[Id, ...], about("Of these bulk operations")] = ()
    after: Annotated[Instant | None, about("At this time or later")] = None
    before: Annotated[Instant | None, about("Before this time")] = None
    q: Annotated[Text, about("Text in who, from where, why and the id of what was acted on")] = ""
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
        after=instant_ms(asked.after),
        before=instant_ms(asked.before),
        text=asked.q,
    )
