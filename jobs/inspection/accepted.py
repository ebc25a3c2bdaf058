"""The view of a job that the store does not have yet: it waits in the outbox."""

from __future__ import annotations

import msgspec
from django.db import DatabaseError
from msgspec.structs import replace

from jobs import outbox
from jobs.conf import Config
from jobs.errors import JobNotFound
from jobs.models import OutboxEntry
from jobs.outbox.item import answer_of
from jobs.redaction import Redactor
from jobs.store.reader import StoredJob
from jobs.types import JobRecord, JobRequest

from .detail import JobView, view_of
from .masking import masked_json
from .wire import ACCEPTED


def accepted_view(entry: OutboxEntry, redactor: Redactor | None) -> JobView:
    """The job as it will be, with the status `accepted`. The error says why the store has refused it, if so."""
    stored = accepted_job(entry)
    if redactor and stored.envelope:
        payload = masked_json(redactor, stored.envelope.payload)
        stored = replace(stored, envelope=replace(stored.envelope, payload=payload))
    view = replace(view_of(stored), status=ACCEPTED, error=entry.refused or None)
    return view if stored.record else replace(view, type=entry.type, queue=entry.queue)


def entry_instead(config: Config, failure: Exception, job_id: str) -> OutboxEntry | None:
    """The outbox's entry of a job that the store does not have, or cannot be asked for (`failure`); None without.

    Raises DatabaseError where the store has said that it does not have the job.
    """
    is_unknown = isinstance(failure, JobNotFound)
    if not config.outbox or not (is_unknown or outbox.puts_down(config, failure)):
        return None
    try:
        return outbox.find(job_id)
    except DatabaseError:
        if is_unknown:
            raise
        return None


def accepted_job(entry: OutboxEntry) -> StoredJob:
    """The job as the store would have it, had it taken it at once."""
    try:
        answer = answer_of(entry)
    except msgspec.MsgspecError:
        return StoredJob(entry.job_id, None, None, [], None, None, [])
    request = answer.request
    assert isinstance(request, JobRequest)  # noqa: S101 - it is what the answer is made of
    record = JobRecord(
        state=answer.state,
        type=request.type,
        queue=request.queue,
        priority=request.priority,
        created=answer.created_ms,
        position=0,
        ready=answer.due_ms,
        attempts=0,
        max_retries=request.max_retries,
        executions=0,
        retention=request.retention_ms,
        deduplication_key=request.deduplication_key,
    )
    return StoredJob(entry.job_id, record, request.envelope, [], None, None, [])
