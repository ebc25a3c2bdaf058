"""Which jobs of this worker wait for what: told with each heartbeat while the dependency's breaker is not closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from jobs.circuit import BreakerState, BreakerView, DependencyOpen, dependencies
from jobs.types import Claim

MOST: Final = 100  # entries that are told
LONGEST: Final = 64  # characters of a dependency's name


class Waiting:
    """Entered by any thread when a job is put off, read by the one that tells the store."""

    def __init__(self, views: Callable[[], Iterable[BreakerView]] = dependencies) -> None:
        self._views = views
        self._seen: set[tuple[str, str, str]] = set()

    def saw(self, claim: Claim, error: DependencyOpen) -> None:
        """A job was put off because a dependency is away."""
        if len(self._seen) < MOST:
            self._seen.add((claim.record.type, claim.record.queue, error.dependency))

    def now(self) -> tuple[tuple[str, str, str], ...]:
        """(job type, queue, dependency) of all that wait now, sorted."""
        if not self._seen:
            return ()
        away = {view.name for view in self._views() if view.state is not BreakerState.CLOSED}
        self._seen = {each for each in self._seen.copy() if each[2] in away}
        return tuple(sorted((job_type, queue, name[:LONGEST]) for job_type, queue, name in self._seen))
