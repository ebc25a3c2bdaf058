"""Brings entries into the store, each once, and settles what the store does not take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

import msgspec
from msgspec.structs import replace

from jobs.clock import MAX_INSTANT_MS
from jobs.errors import InvalidJob, QueueFlowError, StoreError, TooManyQueues
from jobs.logs import get_logger
from jobs.models import OutboxEntry
from jobs.store.markers import WHOLE
from jobs.store.producer import IdempotencyKeyReused, Marker
from jobs.store.store import Store
from jobs.types import Enqueued, JobRequest

from . import table
from .away import OF_OUR_OWN, is_away
from .clock import database_ms
from .item import due_request, marker_of
from .losses import Losses
from .room import Held

log = get_logger(__name__)
DUPLICATE: Final = "duplicate_job"
Made = Callable[[JobRequest, Enqueued], object]
WINDOW: Final = Held(250, 16 * 1024**2)  # entries, and bytes of them, that are read, and deleted, at once
MOST_ENTRIES: Final = 50  # in one round trip
MOST_BYTES: Final = 1024 * 1024  # the same, where there is more than one
_NEVER: Final = (IdempotencyKeyReused, TooManyQueues, InvalidJob, msgspec.MsgspecError)


class Sender:
    """Goes through the outbox once and sends over one store; `made` hears of each job that the store has then."""

    def __init__(self, store: Store, using: str, made: Made) -> None:
        self._store = store
        self._using = using
        self._made = made
        self._losses = Losses(store)
        self._done: list[int] = []

    def send(self, go_on: Callable[[], bool]) -> None:
        """Send the first window's worth in order, while `go_on()`, and delete what the store has.

        Where one of several partitions is away its entries stay, and all others to the end of the outbox are sent.
        Raises StoreError where the store, or a part of it, is away, with the failure noted at the entry that met it,
        and DatabaseError.
        """
        entries = table.first(self._using, WINDOW)
        last = entries[-1].pk if entries else 0
        self._send_all(entries, go_on)
        while self._losses.failure and go_on():
            entries, last = table.beyond(self._using, last, WINDOW, lambda job_id: not self._losses.hold(job_id))
            if not last:
                raise self._losses.failure
            self._send_all(entries, go_on)

    def _send_all(self, entries: Sequence[OutboxEntry], go_on: Callable[[], bool]) -> None:
        try:
            for batch in _batches(entries, self._using, self._losses.place):
                if not go_on():
                    return
                self._send(batch)
        finally:
            done, self._done = self._done, []
            table.remove(self._using, done)

    def _send(self, batch: list[OutboxEntry]) -> None:
        if self._losses.hold_any(self._losses.place(entry.job_id) for entry in batch):
            return
        try:
            if self._sent_as_one(batch) if batch[0].part else self._sent_together(batch):
                return
        except StoreError as error:
            self._lose(batch[0], error)
            if batch[0].part or self._losses.hold(batch[0].job_id):
                return  # else it is the key of one of them that lies elsewhere
        for entry in batch:
            self._try(entry)

    def _try(self, entry: OutboxEntry) -> None:
        """Send an entry by itself, unless its partition was found away a moment ago."""
        if not self._losses.hold(entry.job_id):
            try:
                self._send_one(entry)
            except StoreError as error:
                self._lose(entry, error)

    def _lose(self, entry: OutboxEntry, error: StoreError) -> None:
        """Raises the error where all of the store is away."""
        table.note_failure(self._using, entry, error.kind.replace("_", " "))  # addresses are nobody's
        self._losses.note(error)

    def _sent_together(self, batch: list[OutboxEntry]) -> bool:
        """Send lone entries in one round trip. False: one of them cannot be sent so, and it is to be found out which.

        Those that the store has taken all the same are taken again then, which makes nothing.
        """
        if len(batch) == 1 or any(entry.duplicate_of for entry in batch):
            return False
        now_ms = database_ms(self._using)
        try:
            pairs = [(due_request(entry, now_ms), marker_of(entry)) for entry in batch]
            answers = self._store.producer.enqueue_each(pairs)
        except _NEVER:
            return False
        except StoreError as error:
            if is_away(error) or error.kind in OF_OUR_OWN:
                raise
            return False
        for entry, (request, _), answer in zip(batch, pairs, answers, strict=True):
            self._sent(entry, request, answer)
        return True

    def _sent(self, entry: OutboxEntry, request: JobRequest, answer: Enqueued) -> None:
        self._settle(entry, request, answer)
        if entry.duplicate_of:
            self._cancel(request)
        self._done.append(entry.pk)

    def _send_one(self, entry: OutboxEntry) -> None:
        """Send an entry; refuse it where the store never takes it. Raises StoreError where the store is away."""
        try:
            request = due_request(entry, database_ms(self._using))
            if not entry.duplicate_of:
                [answer] = self._store.producer.enqueue([request], marker_of(entry))
                self._settle(entry, request, answer)
            if entry.duplicate_of:
                self._cancel(request)
        except _NEVER as error:
            self._refuse(entry, error)
            return
        except StoreError as error:
            if is_away(error) or error.kind in OF_OUR_OWN:
                raise
            self._refuse(entry, error)
            return
        self._done.append(entry.pk)

    def _settle(self, entry: OutboxEntry, request: JobRequest, answer: Enqueued) -> None:
        if answer.duplicate_of:
            table.hold_duplicate(self._using, entry, answer.duplicate_of)
        elif answer.created:
            self._made(request, answer)

    def _sent_as_one(self, batch: list[OutboxEntry]) -> bool:
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
        except _NEVER:
            return False
        except StoreError as error:
            if is_away(error) or error.kind in OF_OUR_OWN:
                raise
            return False
        for entry, request, answer in zip(batch, requests, answers, strict=True):
            self._sent(entry, request, answer)
        return True

    def _cancel(self, request: JobRequest) -> None:
        """Let a job whose deduplication key was taken end as cancelled.

        It is made without the key, so far in the future that nobody runs it, and cancelled. Both may happen twice, as
        it is known from the row that the key was taken.
        """
        unheld = replace(request, deduplication_key="", deduplication_ttl_ms=0, delay_ms=0, due_ms=MAX_INSTANT_MS)
        [answer] = self._store.producer.enqueue([unheld])
        if answer.created or answer.due_ms == MAX_INSTANT_MS:  # else somebody has made a job of this id, which stays
            self._store.operator.cancel([request.id], DUPLICATE)

    def _refuse(self, entry: OutboxEntry, error: Exception) -> None:
        code = error.code if isinstance(error, QueueFlowError) else "unreadable"
        log.error("a job in the outbox can never be taken", jobId=entry.job_id, type=entry.type, error=str(error))
        table.refuse(self._using, entry, f"{code}: {error}")


def _batches(entries: Sequence[OutboxEntry], using: str, place: Callable[[str], int]) -> Iterator[list[OutboxEntry]]:
    """Some lone entries of one partition at a time, and those of one batch of a bulk enqueue together, also where some
    lie elsewhere."""

    def of_entry(entry: OutboxEntry) -> int:
        return place(entry.job_id)

    seen: set[str] = set()
    for part, group in groupby(entries, key=lambda entry: entry.part):
        if not part:
            for _, some in groupby(sorted(group, key=of_entry), key=of_entry):
                yield from _few(some)
        elif part not in seen:
            seen.add(part)
            if batch := list(table.waiting(using).filter(part=part)):
                yield batch


def _few(entries: Iterable[OutboxEntry]) -> Iterator[list[OutboxEntry]]:
    some: list[OutboxEntry] = []
    size = 0
    for entry in entries:
        size += len(entry.request)
        if some and (len(some) == MOST_ENTRIES or size > MOST_BYTES):
            yield some
            some, size = [], len(entry.request)
        some.append(entry)
    if some:
        yield some
