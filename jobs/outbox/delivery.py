"""How entries are brought into the store: some in one round trip, a bulk enqueue's as one, or one alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from jobs.clock import MAX_INSTANT_MS
from jobs.errors import InvalidJob, StoreError, TooManyQueues
from jobs.models import OutboxEntry
from jobs.store.markers import WHOLE
from jobs.store.producer import IdempotencyKeyReused, Marker
from jobs.store.store import Store
from jobs.types import Enqueued, JobRequest

from . import table
from .away import is_away, is_bound
from .clock import database_ms
from .item import due_request, marker_of

DUPLICATE: Final = "duplicate_job"
Made = Callable[[JobRequest, Enqueued], object]
NEVER: Final = (IdempotencyKeyReused, TooManyQueues, InvalidJob, msgspec.MsgspecError)


class Delivery:
    """Sends over one store. `made` hears of each job that the store has then. Every method may be repeated."""

    def __init__(self, store: Store, using: str, made: Made) -> None:
        self._store = store
        self._using = using
        self._made = made

    def together(self, batch: Sequence[OutboxEntry]) -> bool:
        """Send lone entries in one round trip. False: one of them cannot be sent so, and it is to be found out which.

        Those that the store has taken all the same are taken again then, which makes nothing.
        """
        if len(batch) == 1 or any(entry.duplicate_of for entry in batch):
            return False
        now_ms = database_ms(self._using)
        try:
            pairs = [(due_request(entry, now_ms), marker_of(entry)) for entry in batch]
            answers = self._store.producer.enqueue_each(pairs)
        except NEVER:
            return False
        except StoreError as error:
            if is_known(error):
                raise
            return False
        for entry, (request, _), answer in zip(batch, pairs, answers, strict=True):
            self._settle(entry, request, answer)
        return True

    def as_one(self, batch: Sequence[OutboxEntry]) -> bool:
        """Send a batch of a bulk enqueue as that would have, so that a repeat of it gets this answer. False: it cannot
        be, as some of it is gone or cannot be taken."""
        first = batch[0]
        whole = Marker(first.marker, first.marker_body, first.marker_seconds)
        marker = whole.part([entry.job_id for entry in batch])
        if marker.key != first.part or any(entry.duplicate_of for entry in batch):
            return False
        now_ms = database_ms(self._using)
        try:
            requests = [due_request(entry, now_ms) for entry in batch]
            self._store.markers.keep(whole, WHOLE)
            answers = self._store.producer.enqueue(requests, marker)
        except NEVER:
            return False
        except StoreError as error:
            if is_known(error):
                raise
            return False
        for entry, request, answer in zip(batch, requests, answers, strict=True):
            self._settle(entry, request, answer)
        return True

    def one(self, entry: OutboxEntry) -> None:
        """Send an entry. Raises what is in NEVER where the store never takes it, and StoreError."""
        request = due_request(entry, database_ms(self._using))
        if entry.duplicate_of:
            self._cancel(request)
        else:
            [answer] = self._store.producer.enqueue([request], marker_of(entry))
            self._settle(entry, request, answer)

    def _settle(self, entry: OutboxEntry, request: JobRequest, answer: Enqueued) -> None:
        if answer.duplicate_of:
            table.hold_duplicate(self._using, entry, answer.duplicate_of)
            self._cancel(request)
        elif answer.created:
            self._made(request, answer)

    def _cancel(self, request: JobRequest) -> None:
        """Let a job whose deduplication key was taken end as cancelled.

        It is made without the key, so far in the future that nobody runs it, and cancelled. Both may happen twice, as
        it is known from the row that the key was taken.
        """
        unheld = replace(request, deduplication_key="", deduplication_ttl_ms=0, delay_ms=0, due_ms=MAX_INSTANT_MS)
        [answer] = self._store.producer.enqueue([unheld])
        if answer.created or answer.due_ms == MAX_INSTANT_MS:  # else somebody has made a job of this id, which stays
            self._store.operator.cancel([request.id], DUPLICATE)


def is_known(error: StoreError) -> bool:
    """Whether it is known that it is no fault of the job."""
    return is_away(error) or is_bound(error)
