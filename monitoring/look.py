"""One look at the installation: what the frame of every page and the first page say of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from jobs.inspection.status import InstallationStatus
from jobs.store.glance import Figures
from jobs.store.registry import Seen
from jobs.store.store import Store

from . import store_clock
from .breaker_words import of_breakers
from .deaths import Deaths, deaths_of
from .headline import Headline, headline_of
from .overdue import status_with_schedules
from .queue_row import QueueRow, queue_rows
from .usual import usual_ms


class Look(NamedTuple):
    """Everything at about one instant, in all partitions but those that are left out."""

    status: InstallationStatus
    figures: Figures
    workers: list[Seen]
    rows: list[QueueRow]
    headline: Headline
    deaths: list[Deaths]
    left_out: tuple[int, ...]


def look_at(store: Store) -> Look:
    """Look. Raises StoreError."""
    figures = store.glance.figures()
    store_clock.learn(figures.now_ms)
    workers = store.registry.workers()
    rows = rows_of(store, figures, workers)
    status = status_with_schedules(store, workers, figures.states, figures.paused, figures.now_ms)
    deaths = deaths_of(store, figures.now_ms)
    headline = headline_of(status, rows, deaths, store.config.latency_goal_ms, of_breakers())
    return Look(status, figures, workers, rows, headline, deaths, store.left_out)


def rows_of(store: Store, figures: Figures, workers: Sequence[Seen]) -> list[QueueRow]:
    """All queues, the most urgent first. Raises StoreError."""
    pools = sorted({seen.info.pool for seen in workers if seen.alive})
    usual = usual_ms(store, [view.name for view in figures.queues])
    return queue_rows(figures, workers, store.registry.most_workers(pools), usual)
