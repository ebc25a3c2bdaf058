"""Removes entries of the audit trail that are older than AUDIT_DAYS. Nothing else ever removes any.

The one duty that writes to the Django database. It is in no hurry: one short transaction a run, an hour between runs
unless there is more, and a database that is locked or away is left in peace until the next one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import DatabaseError, InterfaceError

from jobs.clock import to_datetime
from jobs.logs import get_logger
from jobs.models import AuditEntry
from jobs.store.store import Store
from jobs.trail.connection import brief, own

from .duty import Duty, Result
from .leadership import Leadership, Terms

log = get_logger(__name__)
NAME: Final = "trail-pruner"
PERIOD_SECONDS: Final = 3600.0
TERMS: Final = Terms(lease=60.0, renew=20.0, retry=20.0)
BATCH: Final = 500
PAUSE_SECONDS: Final = 0.5  # between batches, for others who write to SQLite


class TrailPruner(Duty):
    """Prunes by the store's time, which no host's wrong clock can move."""

    def __init__(self, store: Store, leadership: Leadership) -> None:
        self._reader = store.reader
        self._days = store.config.audit_days
        self._leadership = leadership

    def run_once(self) -> Result:
        """Remove at most 500 entries. Waits 1.5 s for the database at most, on a connection that is closed after."""
        if not self._days:
            return Result()
        before = to_datetime(self._reader.now_ms()) - timedelta(days=self._days)
        _ = self._leadership.token  # raises unless it still leads
        try:
            with own() as using, brief(using):
                removed = AuditEntry.objects.db_manager(using).prune(before, BATCH)
        except (DatabaseError, InterfaceError) as error:
            log.warning("the audit trail is not pruned now", error=str(error).strip())
            return Result()
        if removed:
            log.info("audit entries pruned", entries=removed, older_than_days=self._days)
        return Result(removed, PAUSE_SECONDS if removed == BATCH else None)
