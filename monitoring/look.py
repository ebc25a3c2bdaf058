"""One look at the installation: what the frame of every page and the first page say of it."""

from __future__ import annotations

from typing import NamedTuple

from jobs.inspection.status import InstallationStatus, status_of
from jobs.maintenance.crew import DUTIES
from jobs.store.glance import Figures
from jobs.store.registry import Seen
from jobs.store.store import Store

from .headline import Headline, headline_of
from .queue_row import QueueRow, queue_rows
from .usual import usual_ms


class Look(NamedTuple):
    """Everything at about one instant."""

    status: InstallationStatus
    figures: Figures
    workers: list[Seen]
    rows: list[QueueRow]
    headline: Headline


def look_at(store: Store) -> Look:
    """Look. Raises StoreError."""
    status, figures, workers = status_of(store, DUTIES), store.glance.figures(), store.registry.workers()
    usual = usual_ms(store, [view.name for view in figures.queues])
    rows = queue_rows(figures, workers, store.config.max_workers, usual)
    return Look(status, figures, workers, rows, headline_of(status, rows))
