"""Whether what is due by schedules is enqueued."""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet

from jobs.clock import to_datetime, to_instant_ms
from jobs.connections import borrowed
from jobs.inspection.status import GRACE_MS, Part
from jobs.store.store import Store
from jobs.words import lasting, several

from .duty import NAME
from .models import Schedule
from .service import alias

LATE_MS: Final = 15_000  # by which a tick may be late before it is a trouble, as when another leader takes over


def scheduler_part(store: Store) -> Part:
    """Degraded while ticks are overdue, or nobody would enqueue the next one. Raises StoreError, DatabaseError."""
    now_ms = store.reader.now_ms()
    with borrowed(alias()) as using:
        schedules = Schedule.objects.using(using).filter(paused=False)
        if not schedules.exists():
            return Part(name=NAME, status="healthy", detail="no schedule is on")
        trouble = _overdue(schedules, now_ms) or _without_ticks(schedules)
    vacant = store.keeper.vacancies([NAME]).get(NAME, 0)
    if vacant >= GRACE_MS:
        said = f"no scheduler has run for {lasting(vacant)}"
        trouble = f"{said}: {trouble}" if trouble else f"{said}: nothing is enqueued by schedules"
    return Part(name=NAME, status="degraded" if trouble else "healthy", detail=trouble)


def overdue_ms(using: str, now_ms: int) -> int:
    """By how much the most overdue schedule is late; 0 where none is."""
    first = Schedule.objects.using(using).filter(paused=False, next_at__isnull=False).order_by("next_at")
    next_at = first.values_list("next_at", flat=True).first()
    return 0 if next_at is None else max(0, now_ms - to_instant_ms(next_at))


def _overdue(schedules: QuerySet[Schedule], now_ms: int) -> str:
    late = schedules.filter(next_at__lt=to_datetime(now_ms - LATE_MS))
    row = late.order_by("next_at", "id").values_list("name", "next_at").first()
    if row is None or row[1] is None:
        return ""
    by, count = lasting(now_ms - to_instant_ms(row[1])), late.count()
    return f"schedule {row[0]} is overdue by {by}" + (f", as are {several(count - 1, 'other')}" if count > 1 else "")


def _without_ticks(schedules: QuerySet[Schedule]) -> str:
    names = list(schedules.filter(next_at=None, last_outcome="refused").values_list("name", flat=True)[:2])
    if not names:
        return ""
    return f"schedule {names[0]} has no ticks" + (", nor have others" if len(names) > 1 else "")
