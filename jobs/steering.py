"""What a person does to one job: cancel, retry, run now, run again, delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import msgspec
from msgspec.structs import replace

from . import payload as payloads
from .errors import DuplicateJob, JobNotFound, StoreSpoilt, UnreadableRecord, WrongState
from .handlers.discovery import known_handlers
from .manager import QueueManager
from .requests import JobSpec
from .store.codes import MoveCode
from .store.operator import Moved
from .store.store import Store
from .types import DEFAULT_RETENTION, RERUN_OF, Enqueued, Envelope, JobRecord


class Steering:
    """Changes single jobs. Every method raises JobNotFound, WrongState, StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def cancel(self, job_id: str, reason: str = "") -> bool:
        """End a waiting job at once: True. Ask the worker of an active one to end it: False."""
        moved = self._move("cancel", job_id, lambda ids: self._store.operator.cancel(ids, reason))
        return moved.code is MoveCode.DONE

    def run_now(self, job_id: str) -> None:
        """Make a scheduled or retrying job claimable."""
        self._move("run now", job_id, self._store.operator.run_now)

    def delete(self, job_id: str) -> None:
        """Remove a job that nobody runs, with all it carries."""
        self._move("delete", job_id, self._store.operator.delete)

    def retry(self, job_id: str, payload: bytes | None = None) -> None:
        """Give a dead job a new attempt budget, if wished with another payload; the old one is kept.

        Raises DuplicateJob when its deduplication key has another owner; InvalidJob, PayloadTooLarge for the payload.
        """
        envelope = None if payload is None else self._edited(job_id, payload)
        self._move("retry", job_id, lambda ids: self._store.operator.retry(ids, envelope=envelope))

    def rerun(self, job_id: str, payload: bytes | None = None) -> Enqueued:
        """Enqueue a new job like this one, which is over, if wished with another payload.

        Raises what an enqueue raises, and UnreadableRecord.
        """
        stored = self._store.reader.job(job_id)
        record, envelope = stored.record, stored.envelope
        if record is None or envelope is None:
            raise UnreadableRecord(job_id, "record" if record is None else "payload")
        if not record.state.is_settled:
            raise WrongState(job_id, "rerun", record.state.label)
        manager = QueueManager(self._store)
        request = manager.prepare(_spec_like(record, envelope, payload))
        trace = {**(request.envelope.trace or {}), RERUN_OF: job_id}
        return manager.send(replace(request, envelope=replace(request.envelope, trace=trace)))

    def _edited(self, job_id: str, payload: bytes) -> Envelope:
        stored = self._store.reader.job(job_id)
        value = payloads.check(payload, self._store.config.max_payload_bytes)
        handler = known_handlers().get(stored.record.type) if stored.record else None
        if handler is not None:
            handler.convert(value)
        if stored.envelope is None:  # a new payload repairs one that cannot be read
            return Envelope(payload, self._store.config.job_timeout_ms)
        return replace(stored.envelope, payload=payload)

    def _move(self, verb: str, job_id: str, act: Callable[[Sequence[str]], list[Moved]]) -> Moved:
        [moved] = act([job_id])
        if moved.code in (MoveCode.DONE, MoveCode.FLAGGED):
            return moved
        rows = self._store.browser.rows([job_id])
        if not rows:
            raise JobNotFound(job_id)
        row = rows[0]
        if row.record is None:
            raise UnreadableRecord(job_id, "record")
        if moved.code is MoveCode.SPOILT:
            raise StoreSpoilt(f"the key of the queue '{row.record.queue}' does not hold its jobs")
        if moved.code is MoveCode.TAKEN:
            raise DuplicateJob(row.record.deduplication_key, moved.holder)
        raise WrongState(job_id, verb, row.record.state.label)


def _spec_like(record: JobRecord, envelope: Envelope, payload: bytes | None) -> JobSpec:
    retention = None if record.retention == DEFAULT_RETENTION else timedelta(milliseconds=record.retention)
    key_until = record.deduplication_until
    return JobSpec(
        type=record.type,
        payload=msgspec.Raw(envelope.payload if payload is None else payload),
        priority=record.priority,
        queue=record.queue,
        max_retries=record.max_retries,
        timeout=timedelta(milliseconds=envelope.timeout_ms),
        retention=retention,
        deduplication_key=record.deduplication_key,
        deduplication_ttl=timedelta(milliseconds=key_until - record.created) if key_until else None,
        tags=envelope.tags,
        backoff=envelope.backoff,
    )
