"""A job in a worker's hands, for tests of single parts of a worker."""

from __future__ import annotations

import time

from jobs.handlers.registry import Handler
from jobs.states import State
from jobs.types import Claim, Envelope, JobRecord, Priority
from jobs.worker.held import Held

INCARNATION = "0123456789abcdef"


def held(job_id: str = "job", *, asynchronous: bool = False, received: float | None = None) -> Held:
    """A job in hand."""
    record = JobRecord(State.ACTIVE, "noop", "default", Priority.NORMAL, 1, 1, 0, 1, 3, 1)
    claim = Claim(job_id, f"{INCARNATION}.1", record, Envelope(b"{}", 1000))
    handler = Handler("noop", held, lambda value: value, lambda value, job: None, is_async=asynchronous)
    return Held(claim, 1, handler, time.monotonic() if received is None else received)
