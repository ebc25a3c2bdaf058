"""What people and programs see of the outbox."""

from __future__ import annotations

import msgspec
from django.db.models import Count, Min, Q

from jobs.clock import local_ms
from jobs.connections import borrowed
from jobs.models import OutboxEntry

from . import table


class OutboxView(msgspec.Struct, frozen=True):
    """How many entries wait, for how long the oldest has (ms), and how many the store will never take."""

    waiting: int = 0
    oldest_ms: int = 0
    refused: int = 0


def view() -> OutboxView:
    """The outbox at this moment. Raises DatabaseError."""
    with borrowed(table.alias()) as using:
        found = table.waiting(using).order_by().aggregate(count=Count("pk"), first=Min("accepted_ms"))
        refused = OutboxEntry.objects.using(using).filter(~Q(refused="")).count()
    first = found["first"]
    return OutboxView(found["count"], max(0, local_ms() - first) if first is not None else 0, refused)


def find(job_id: str) -> OutboxEntry | None:
    """The entry of a job. Raises DatabaseError."""
    with borrowed(table.alias()) as using:
        return OutboxEntry.objects.using(using).filter(job_id=job_id).first()
