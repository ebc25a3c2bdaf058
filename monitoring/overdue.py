"""Whether somebody enqueues what is due by schedules: for the headline, and for the pages of schedules."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db import DatabaseError
from msgspec.structs import replace

from jobs.errors import StoreError
from jobs.inspection.status import InstallationStatus, overall, status_from
from jobs.maintenance.crew import DUTIES
from jobs.store.registry import Seen
from jobs.store.store import Store
from schedules.health import scheduler_part


def status_with_schedules(
    store: Store, workers: Sequence[Seen], counts: Mapping[str, int], paused: Collection[str], now_ms: int
) -> InstallationStatus:
    """How the installation is, with a part more: what is due by schedules. Raises StoreError.

    While the database does not answer, nobody can say, and its part is left out.
    """
    status = status_from(store, DUTIES, workers, counts, paused, now_ms)
    try:
        parts = [*status.parts, scheduler_part(store)]
    except DatabaseError:
        return status
    return replace(status, status=overall(parts), parts=parts)


def trouble_with_schedules(store: Store) -> str:
    """What keeps schedules from being enqueued, as a sentence; "" where nothing does, or nobody can say."""
    try:
        part = scheduler_part(store)
    except (StoreError, DatabaseError):
        return ""
    return f"{part.detail[:1].upper()}{part.detail[1:]}." if part.status != "healthy" else ""
