"""What schedules do, for those who scrape."""

from __future__ import annotations

from contextlib import suppress

from django.db import DatabaseError, InterfaceError

from jobs.connections import borrowed
from jobs.store.store import Store
from schedules.counters import totals
from schedules.health import overdue_ms
from schedules.models import Schedule
from schedules.service import alias

from .metric_families import Families


def tell_schedules(families: Families, store: Store) -> None:
    """Add what there is of schedules; nothing while the database is away. Raises StoreError."""
    now_ms = store.reader.now_ms()
    with suppress(DatabaseError, InterfaceError), borrowed(alias()) as using:
        schedules = Schedule.objects.using(using)
        states = {"on": schedules.filter(paused=False).count(), "paused": schedules.filter(paused=True).count()}
        counted, overdue = totals(using), overdue_ms(using, now_ms)
        for state, count in states.items():
            families.add("schedules", count, state)
        for outcome, count in counted.items():
            families.add("schedule_ticks_total", count, outcome.value)
        families.add("schedule_overdue_seconds", overdue / 1000)
