"""What people and programs see of the outbox."""

from __future__ import annotations

import msgspec
from django.db.models import Count, Min, Sum

from jobs.connections import borrowed
from jobs.models import OutboxEntry

from . import table
from .clock import database_ms
from .room import Held


class OutboxView(msgspec.Struct, frozen=True):
    """How many entries wait, for how long the oldest has (ms), how many the store has refused.

    `size`: bytes of the requests that wait.
    """

    waiting: int = 0
    oldest_ms: int = 0
    refused: int = 0
    size: int = 0

    @property
    def held(self) -> Held:
        """What waits."""
        return Held(self.waiting, self.size)


def view() -> OutboxView:
    """The outbox at this moment. Raises DatabaseError."""
    with borrowed(table.alias()) as using:
        figures = {"count": Count("pk"), "first": Min("accepted_ms"), "size": Sum("size", default=0)}
        found = table.waiting(using).order_by().aggregate(**figures)
        refused = table.refused(using).count()
        now_ms = database_ms(using)
    oldest_ms = max(0, now_ms - found["first"]) if found["count"] else 0
    return OutboxView(found["count"], oldest_ms, refused, found["size"])


def find(job_id: str) -> OutboxEntry | None:
    """The entry of a job. Raises DatabaseError."""
    with borrowed(table.alias()) as using:
        return OutboxEntry.objects.using(using).filter(job_id=job_id).first()
