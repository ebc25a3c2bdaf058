"""A job that the store does not have: it may wait in the outbox."""

from __future__ import annotations

from typing import Any

from jobs.errors import JobNotFound, StoreError
from jobs.inspection.accepted import accepted_view, entry_instead
from jobs.inspection.detail import JobView

from .call import Call


def job_or_accepted(call: Call[Any, Any], job_id: str) -> JobView:
    """Everything known of a job, from the outbox where the store does not have it or is away.

    Raises JobNotFound and what the store raises.
    """
    try:
        return call.inspector.job(job_id)
    except (JobNotFound, StoreError) as failure:
        entry = entry_instead(call.config, failure, job_id)
        if entry is not None:
            return accepted_view(entry, call.redactor)
        if isinstance(failure, StoreError) or not call.config.outbox:
            raise
    return call.inspector.job(job_id)  # it may have been sent between the two looks
