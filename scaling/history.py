"""The recorded history of a pool, for those who learn from it and for those who replay it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from jobs.store.pool_minute import Minute
from jobs.store.store import Store

from .service import mean_service
from .simulator.trace import Trace, from_rows

__all__ = ["Minute", "as_trace", "read_history", "service_time"]


def read_history(store: Store, pool: str, since: float, until: float) -> Sequence[Minute]:
    """The minutes of a pool that begin in [since, until), both s since 1970, oldest first. Raises StoreError.

    Thirty days are kept. Minutes that nobody recorded, as no scaler ran, are left out.
    """
    return store.pool_history.minutes(pool, since, until)


def as_trace(minutes: Sequence[Minute], name: str = "history") -> Trace:
    """The arrivals as a trace in buckets of ten seconds; gaps are filled on a straight line.

    Raises TraceError when fewer than two minutes are there, or too few for the time between first and last.
    """
    rows = [(minute.start + 10 * at, jobs / 10) for minute in minutes for at, jobs in enumerate(minute.tens)]
    return msgspec.structs.replace(from_rows(name, rows), start=float(minutes[0].start))


def service_time(minutes: Sequence[Minute]) -> float | None:
    """The mean processing time of a job in seconds over all the minutes; None when nothing completed.

    Above 0: see `mean_service`.
    """
    return mean_service(sum(minute.busy_seconds for minute in minutes), sum(minute.completed for minute in minutes))
