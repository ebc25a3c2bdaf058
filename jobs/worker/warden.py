"""Watches the jobs in a worker from its main thread: deadlines, jobs that wait for too long, cancellations, limits."""

from __future__ import annotations

from time import monotonic
from typing import Final

from jobs.logs import get_logger

from .drain import give_back
from .held import Held, Stop
from .memory import resident_bytes
from .shared import Shared

START_WITHIN: Final = 0.25  # seconds from its claim within which a job starts or goes back
MARGIN: Final = 0.1  # between two looks
MEMORY_EVERY: Final = 1.0
LOOP_SECONDS: Final = 5.0  # after which an event loop that runs no job and begins none is held up for good
_log = get_logger(__name__)


class Warden:
    """`look` is called ten times a second. `max_jobs` and `max_memory` (MiB) are limits of this process, 0 for none."""

    def __init__(self, shared: Shared, max_jobs: int, max_memory: int) -> None:
        self._shared = shared
        self._max_jobs = max_jobs
        self._max_memory = max_memory
        self._memory_due = 0.0

    def look(self) -> None:
        """End what overran, and give back what waits behind a job that takes longer than was thought."""
        slots, now = self._shared.slots, monotonic()
        for held in slots.running():
            if now >= held.deadline and held.stop is not Stop.TIMEOUT:
                stop(held, Stop.TIMEOUT)
        if slots.waiting and give_back(self._shared, now - START_WITHIN + MARGIN):
            for held in slots.running():
                self._shared.estimate.upset(held.claim.record.type, now - held.started)

    def cancel(self, held: Held) -> None:
        """End a job whose cancellation was asked for; one that has not started goes back, and is cancelled there."""
        if self._shared.slots.withdraw(held):
            self._shared.give_back(held)
        elif held.stop is None:
            held.stop = Stop.CANCEL  # one that is about to start looks at this
            if held.started:
                stop(held, Stop.CANCEL)

    def worn_out(self) -> str:
        """Why this process should be replaced; empty while it should not."""
        if self._max_jobs and self._shared.table.totals[0] >= self._max_jobs:
            return "max-jobs"
        now = monotonic()
        if self._loop_stands_still(now - LOOP_SECONDS):
            return "the event loop stands still"
        if self._shared.contact.trouble:
            return self._shared.contact.trouble
        if self._max_memory and now >= self._memory_due:
            self._memory_due = now + MEMORY_EVERY
            if resident_bytes() > self._max_memory * 1024 * 1024:
                return "max-memory"
        return ""

    def _loop_stands_still(self, since: float) -> bool:
        """What a job has left on the loop blocks it; while one of its jobs blocks it, that job's timeout counts."""
        slots = self._shared.slots
        if not any(held.received < since for held in slots.held_up()):
            return False
        return not any(held.handler is not None and held.handler.is_async for held in slots.running())


def stop(held: Held, why: Stop) -> None:
    """Tell a running job to end. It may not listen."""
    held.stop = why
    held.task.interrupt(held, why)
    _log.info("the job is told to end", **held.names, why=why.value)
