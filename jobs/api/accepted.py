"""A job that the store does not have: it may wait in the outbox."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError

from jobs import outbox
from jobs.errors import JobNotFound, StoreError
from jobs.inspection.accepted import accepted_view
from jobs.inspection.detail import JobView
from jobs.models import OutboxEntry

from .call import Call


def job_or_accepted(call: Call[Any, Any], job_id: str) -> JobView:
    """Everything known of a job, from the outbox where the store does not have it or is away.

    Raises JobNotFound and what the store raises.
    """
    try:
        return call.inspector.job(job_id)
    except JobNotFound:
        if not call.config.outbox:
            raise
        entry = outbox.find(job_id)
        # One that is not there may have been sent between the two looks.
        return accepted_view(entry, call.redactor) if entry else call.inspector.job(job_id)
    except StoreError as failure:
        entry = _found(job_id) if outbox.puts_down(call.config, failure) else None
        if entry is None:
            raise
        return accepted_view(entry, call.redactor)


def _found(job_id: str) -> OutboxEntry | None:
    try:
        return outbox.find(job_id)
    except DatabaseError:
        return None
