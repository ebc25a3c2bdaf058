"""Brings the jobs of ticks into the store. A tick that comes twice meets its first job, whoever asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from jobs.errors import NotReplicated, QueueFlowError, StoreError, StoreMisconfigured, StoreUnavailable
from jobs.ids import derived_id
from jobs.logs import get_logger
from jobs.manager import QueueManager
from jobs.partitioning import partition_of_id
from jobs.store.producer import MAX_BATCH, MAX_BATCH_BYTES, Marker
from jobs.types import Enqueued, JobRequest
from jobs.words import storable

from .deciding import Decision
from .form import form_of
from .models import Outcome, Overlap, Schedule
from .models.schedule import MOST_DETAIL

log = get_logger(__name__)
SEEN_SECONDS: Final = 86_400  # for which the store knows that a tick came, also when its job is gone already
SETTLED_SECONDS: Final = 600  # the same for a tick on record, which only a leader brings again that has been frozen
BATCH_BYTES: Final = MAX_BATCH_BYTES


class Sent(msgspec.Struct, frozen=True):
    """What became of a tick, at an instant in ms. `job_id`: its job, or the unfinished one that it was skipped for."""

    at_ms: int
    outcome: Outcome
    job_id: str = ""
    detail: str = ""


class _Item(msgspec.Struct, frozen=True):
    schedule: Schedule
    at_ms: int
    request: JobRequest

    @property
    def marker(self) -> Marker:
        return Marker(f"schedule/{self.request.id}", "schedule", SEEN_SECONDS, keep_refusals=True)


class Sending:
    """One round of ticks. `stay` is called before each step: it raises NotLeading for who may not go on."""

    def __init__(self, manager: QueueManager, stay: Callable[[], None]) -> None:
        self._manager = manager
        self._stay = stay
        self._parts = manager.store.parts
        self._found: dict[int, list[Sent]] = defaultdict(list)
        self._lost: set[int] = set()
        self._markers: dict[int, list[Marker]] = defaultdict(list)

    def send(self, decisions: Sequence[Decision]) -> dict[int, list[Sent]]:
        """What became of the ticks of each schedule, by its key.

        Schedules with a job for a partition that is away are left out: their ticks are due as before. Raises StoreError
        where all of the store is away, and NotLeading.
        """
        groups: dict[int, list[_Item]] = defaultdict(list)
        for decision in decisions:
            self._found[decision.schedule.pk] = []
            for item in self._items(decision):
                groups[self._part(item)].append(item)
        for items in groups.values():
            items.sort(key=lambda item: item.at_ms)
            for batch in _batches(items):
                self._send(batch)
        return {pk: sent for pk, sent in self._found.items() if pk not in self._lost}

    def settle(self) -> None:
        """Remember the ticks no longer than it takes, as they are on record. Raises StoreError."""
        for part, markers in self._markers.items():
            self._parts[part].markers.shorten(markers, SETTLED_SECONDS)

    def _items(self, decision: Decision) -> Iterator[_Item]:
        schedule = decision.schedule
        key = schedule.deduplication_key if schedule.overlap == Overlap.SKIP else ""
        for at_ms in decision.due.ticks:
            job_id = derived_id("schedule", str(schedule.pk), str(at_ms), place=schedule.deduplication_key)
            try:
                spec = form_of(schedule).spec(deduplication_key=key, job_id=job_id)
                yield _Item(schedule, at_ms, self._manager.prepare(spec))
            except StoreError:
                raise
            except Exception as error:  # also of middleware, and of what somebody has written into the database
                self._refuse(schedule, at_ms, error)

    def _part(self, item: _Item) -> int:
        return partition_of_id(item.request.id, len(self._parts))

    def _send(self, batch: list[_Item]) -> None:
        """Send a batch of one partition in one round trip; where one of them is at fault, one at a time."""
        self._stay()
        try:
            answers = self._asked(batch)
        except (StoreUnavailable, StoreMisconfigured) as error:
            if len(self._parts) == 1:
                raise
            log.warning("ticks wait for a partition", partition=self._part(batch[0]), kind=error.kind)
            self._lost.update(item.schedule.pk for item in batch)
        except QueueFlowError as error:
            if len(batch) == 1:
                self._refuse(batch[0].schedule, batch[0].at_ms, error)
            for item in batch if len(batch) > 1 else ():
                self._send([item])
        else:
            for item, answer in zip(batch, answers, strict=True):
                self._note(item, answer)

    def _asked(self, batch: list[_Item]) -> list[Enqueued]:
        producer = self._manager.store.producer
        try:
            return producer.enqueue_each([(item.request, item.marker) for item in batch])
        except NotReplicated:  # they were made all the same, and may run already
            found = [producer.recall(item.request, item.marker) for item in batch]
            answers = [each for each in found if each is not None]
            if len(answers) < len(batch):
                raise
            return answers

    def _note(self, item: _Item, answer: Enqueued) -> None:
        self._markers[self._part(item)].append(item.marker)
        self._manager.taken(item.request, answer, "return")
        sent = Sent(item.at_ms, Outcome.ENQUEUED, item.request.id)
        if holder := answer.duplicate_of:
            sent = Sent(item.at_ms, Outcome.SKIPPED, holder, f"job {holder} was unfinished")
        self._found[item.schedule.pk].append(sent)

    def _refuse(self, schedule: Schedule, at_ms: int, error: Exception) -> None:
        said = str(error) if isinstance(error, QueueFlowError) else f"{type(error).__name__}: {error}"
        self._found[schedule.pk].append(Sent(at_ms, Outcome.REFUSED, "", storable(said)[:MOST_DETAIL]))


def _batches(items: list[_Item]) -> Iterator[list[_Item]]:
    batch: list[_Item] = []
    size = 0
    for item in items:
        length = len(item.request.envelope.payload)
        if batch and (len(batch) == MAX_BATCH or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += length
    if batch:
        yield batch
