"""The part of the health report that is about schedules."""

from __future__ import annotations

from jobs.inspection.status import Part
from jobs.store.store import Store
from schedules.health import scheduler_part

from .health_part import StorePart


class SchedulerHealth(StorePart):
    """Whether somebody enqueues what is due."""

    name = "scheduler"

    def look_at(self, store: Store) -> Part:
        """Compare what is due with the time."""
        return scheduler_part(store)
