"""Reads the audit trail: filters, and pages by cursor on the stable key (at, id)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec
from django.db.models import Q, QuerySet

from jobs.clock import to_datetime
from jobs.inspection.cursors import Cursor, read_cursor, write_cursor
from jobs.models import Action, AuditEntry, Status
from jobs.redaction import Redactor
from jobs.words import storable

from .connection import borrowed
from .view import AuditPage, view_of

SOURCE: Final = "audit"
MOST_SEARCHED: Final = 20_000  # entries that one page looks through for a text
_EPOCH: Final = to_datetime(0)
_MICROSECOND: Final = timedelta(microseconds=1)
_TEXTS: Final = ("actor", "actor_id", "target_id", "address", "reason")


class TrailFilter(msgspec.Struct, frozen=True, kw_only=True, tag=SOURCE):
    """A conjunction of criteria; several values of one are alternatives, none means any.

    `actors` are ids like `key:7`. `targets` are a kind (`queue`), or a kind and an id (`queue:mail`). Instants are ms:
    `after` includes the instant, `before` does not. `text` is looked for in who, from where, why and the id of what was
    acted on, whatever its case.
    """

    actors: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    targets: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    operation_ids: tuple[str, ...] = ()
    after: int | None = None
    before: int | None = None
    text: str = ""


class Trail:
    """What has been done, as `redactor` lets somebody see it. For any thread: connections are not kept."""

    def __init__(self, redactor: Redactor | None = None) -> None:
        self._redactor = redactor

    def page(self, wanted: TrailFilter, limit: int = 50, cursor: str = "") -> AuditPage:
        """At most `limit` entries, latest first, after those that `cursor` has passed. With a text, a page looks
        through 20,000 entries at most: it may have few items, or none, and still go on.

        Raises InvalidJob for a cursor that is not from the same filter, DatabaseError.
        """
        with borrowed() as using:
            rows = AuditEntry.objects.using(using).filter(_criteria(wanted)).order_by("-at", "-id")
            if cursor:
                rows = rows.filter(beyond(read_cursor(cursor, wanted)))
            found, last = _search(rows, wanted.text, limit) if wanted.text else _take(rows, limit)
        items = [view_of(entry, self._redactor) for entry in found]
        place = place_of(SOURCE, last.at, last.pk) if last else None
        return AuditPage(items=items, next_cursor=write_cursor(place, wanted) if place else None)


Step = tuple[list[AuditEntry], AuditEntry | None]  # what was found, and the entry to go on after


def _take(rows: QuerySet[AuditEntry], limit: int) -> Step:
    found = list(rows[: limit + 1])
    return found[:limit], found[limit - 1] if len(found) > limit else None


def _search(rows: QuerySet[AuditEntry], text: str, limit: int) -> Step:
    edge = next(iter(rows[MOST_SEARCHED - 1 : MOST_SEARCHED]), None)
    if edge is not None:
        rows = rows.filter(Q(at__gte=edge.at) & (Q(at__gt=edge.at) | Q(id__gte=edge.pk)))
    says = Q()
    for field in _TEXTS:
        says |= Q(**{f"{field}__icontains": storable(text)})
    found, last = _take(rows.filter(says), limit)
    return found, last or edge


def _criteria(wanted: TrailFilter) -> Q:
    criteria = Q()
    if wanted.actors:
        criteria &= Q(actor_id__in=[storable(actor) for actor in wanted.actors])
    if wanted.actions:
        criteria &= Q(action__in=wanted.actions)
    if wanted.targets:
        criteria &= _targets(wanted.targets)
    if wanted.statuses:
        criteria &= AuditEntry.shown_as(wanted.statuses)
    if wanted.operation_ids:
        criteria &= Q(operation_id__in=[storable(operation) for operation in wanted.operation_ids])
    if wanted.after is not None:
        criteria &= Q(at__gte=to_datetime(wanted.after))
    if wanted.before is not None:
        criteria &= Q(at__lt=to_datetime(wanted.before))
    return criteria


def _targets(targets: tuple[str, ...]) -> Q:
    criteria = Q()
    for target in targets:
        kind, colon, name = storable(target).partition(":")
        criteria |= Q(target_kind=kind, target_id=name) if colon else Q(target_kind=kind)
    return criteria


def place_of(source: str, at: datetime, key: int) -> Cursor:
    """The place of a row in a list that goes by (at, id), latest first."""
    return Cursor(source, (at - _EPOCH) // _MICROSECOND, str(key), 0)


def beyond(cursor: Cursor) -> Q:
    """The rows of such a list that follow a place."""
    at: datetime = _EPOCH + timedelta(microseconds=cursor.score)
    return Q(at__lte=at) & (Q(at__lt=at) | Q(id__lt=int(cursor.id)))
