"""Looks into an installation for people and programs: lists, one job, figures. Changes nothing."""

from __future__ import annotations

from .filtering import JobFilter
from .inspection.detail import JobView, view_of
from .inspection.figures import (
    QueueLine,
    Stats,
    TypeLine,
    WorkerLine,
    queue_line,
    stats_of,
    type_lines,
    worker_line,
)
from .inspection.masking import masked_job
from .inspection.search import Page, Search
from .inspection.sources import is_search
from .redaction import Redactor
from .store.store import Store

MOST_ITEMS = 500


class Inspector:
    """Every view of a store, as somebody may see it. All methods raise StoreUnavailable and its kin."""

    def __init__(self, store: Store, redactor: Redactor | None = None) -> None:
        """With a redactor, what it hides is masked in jobs and not found in searches; without one all is shown."""
        self._store = store
        self._redactor = redactor

    def jobs(self, wanted: JobFilter, limit: int = 50, cursor: str = "") -> Page:
        """One step through the jobs that match, latest first; at most `limit` (1-500) items.

        Raises InvalidJob for a cursor that is not from the same filter.
        """
        return Search(self._store, wanted, min(max(limit, 1), MOST_ITEMS), cursor, self._redactor).page()

    def is_search(self, wanted: JobFilter) -> bool:
        """Whether a list has to look at jobs one by one, and may have to for long."""
        return is_search(self._store, wanted)

    def job(self, job_id: str) -> JobView:
        """Everything known of one job. Raises JobNotFound."""
        job = self._store.reader.job(job_id)
        return view_of(masked_job(self._store, self._redactor, job) if self._redactor else job)

    def stats(self) -> Stats:
        """Totals, counts and rates."""
        return stats_of(self._store)

    def queues(self) -> list[QueueLine]:
        """All queues, sorted."""
        return [queue_line(view) for view in self._store.glance.figures().queues]

    def types(self) -> list[TypeLine]:
        """All job types, sorted."""
        return type_lines(self._store)

    def workers(self) -> list[WorkerLine]:
        """All workers with a heartbeat in the last ten minutes, by id."""
        return sorted((worker_line(seen) for seen in self._store.registry.workers()), key=lambda line: line.id)
