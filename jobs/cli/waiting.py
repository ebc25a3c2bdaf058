"""Waits for one job to end."""

from __future__ import annotations

import time
from typing import Final

from jobs.errors import QueueFlowError
from jobs.store.store import Store
from jobs.types import JobRecord

from .errors import NotFound

LOOK_SECONDS: Final = (0.02, 1.0)  # the first pause between two looks, and the longest


class NotCompleted(QueueFlowError):
    """The job did not complete, or not in time."""

    code = "not_completed"


def ended(store: Store, job_id: str, seconds: float | None) -> JobRecord:
    """The record of a job that is over. Raises NotFound for one that is gone, NotCompleted after `seconds`."""
    began = time.monotonic()
    pause, most = LOOK_SECONDS
    while True:
        [record] = store.reader.records([job_id])
        if record is None:
            raise NotFound(f"job {job_id} is gone: it is over and was not kept, or somebody deleted it")
        if record.state.is_settled:
            return record
        left = most if seconds is None else seconds - (time.monotonic() - began)
        if left <= 0:
            raise NotCompleted(f"job {job_id} is still {record.state.label} after {seconds:g} s")
        time.sleep(min(pause, left))
        pause = min(1.3 * pause, most)
