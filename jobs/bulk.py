"""Enqueues many jobs: in batches that the store can take in one step, each job accepted or refused by itself."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from random import randrange
from typing import TYPE_CHECKING, Any, Final

import msgspec

from . import outbox
from .batches import Prepared, batches
from .errors import (
    DuplicateJob,
    InvalidJob,
    PayloadTooLarge,
    QueueFlowError,
    StoreError,
    TooManyQueues,
    UnknownJobType,
)
from .meanwhile import Meanwhile
from .partitioning import MOST_PARTITIONS
from .refusals import BulkResult, Refusal
from .repeats import met_before
from .requests import JobSpec
from .store.markers import WHOLE
from .store.producer import MAX_BATCH, Marker
from .types import Enqueued, JobRequest

if TYPE_CHECKING:
    from .manager import QueueManager

DUPLICATE: Final = DuplicateJob.code  # the id in such a refusal is another job's
REFUSED_AT_SIGHT: Final = frozenset({InvalidJob.code, PayloadTooLarge.code, UnknownJobType.code})
_Outcome = Enqueued | QueueFlowError


class _Lost(msgspec.Struct, frozen=True):
    """A job that a server has not taken. `request`: None where it could not be checked; `part`: its batch's marker."""

    index: int
    error: StoreError
    request: JobRequest | None = None
    part: str = ""


def fill(manager: QueueManager, specs: Sequence[JobSpec], marker: Marker | None, batch_jobs: int) -> BulkResult:
    """Enqueue specs, like `QueueManager.enqueue_many`."""
    return _Filling(manager, specs, marker, batch_jobs).run()


class _Filling:
    """One bulk enqueue. A server that has failed is not asked again: its jobs are lost, those of others are sent."""

    def __init__(self, manager: QueueManager, specs: Sequence[JobSpec], marker: Marker | None, batch_jobs: int) -> None:
        self._use(manager.bound())
        self._specs = specs
        self._marker = marker
        self._batch_jobs = batch_jobs
        self._result = BulkResult([], [])
        self._turn = randrange(MOST_PARTITIONS)
        self._lost: list[_Lost] = []

    def run(self) -> BulkResult:
        """What became of all. Raises the failure of a store that took none, with the ids of jobs that may be there."""
        is_kept = self._keep_key()
        self._send_all()
        result = self._result
        failure = self._settle_lost()
        if failure and not result.accepted:
            if is_kept and not any(lost.error.may_be_done for lost in self._lost):
                self._forget_key()
            failure.job_ids = self._doubtful()
            raise failure
        self._accept_repeats()
        result.accepted.sort(key=lambda each: each[0])
        result.refused.sort(key=lambda refusal: refusal.index)
        return result

    def _use(self, manager: QueueManager) -> None:
        self._manager = manager
        self._look()

    def _look(self) -> None:
        """See which partitions are there."""
        count = self._manager.config.partitions.count
        self._places = [(at,) for at in self._manager.places or range(count)] if count > 1 else [()]

    def _place(self) -> Sequence[int]:
        """Where the job lies if it may lie in any partition: those that are sent together lie together."""
        return self._places[self._turn % len(self._places)]

    def _keep_key(self) -> bool:
        """Whether the key of the request is kept. Where it cannot be, nothing is sent under it."""
        if self._marker is None:
            return False
        try:
            self._manager.store.markers.keep(self._marker, WHOLE)
        except StoreError as error:
            if not outbox.puts_down(self._manager.config, error):
                raise
            self._use(self._manager.without_store(error))
            return False
        return True

    def _forget_key(self) -> None:
        with contextlib.suppress(StoreError):
            if self._marker:
                self._manager.store.markers.drop(self._marker)

    def _send_all(self) -> None:
        """Send batches in order, and prepare the next one while the store works on the last, if the client has time."""
        found = self._batches()
        batch = next(found, None)
        while batch:
            ahead = Meanwhile(lambda: next(found, None))
            self._send(batch, self._part(batch), ahead)
            batch = ahead.result()

    def _batches(self) -> Iterator[list[Prepared]]:
        items = (self._prepared(index, spec) for index, spec in enumerate(self._specs))
        for batch in batches((item for item in items if item), self._batch_jobs):
            self._turn += 1
            self._look()
            yield batch

    def _prepared(self, index: int, spec: JobSpec) -> Prepared | None:
        """The job as it is to be sent; None where it is refused, or the store cannot say whether it is to be."""
        try:
            request, failure = self._manager.prepared(spec, self._place())
        except InvalidJob as error:
            self._result.refused.append(Refusal.of(index, error))
            return None
        except StoreError as error:
            lost = _Lost(index, error)
        else:
            if failure is None:
                return Prepared(index, spec, request)
            lost = _Lost(index, failure, request)
        self._lost.append(lost)
        self._use(self._manager.without(lost.error))
        return None

    def _send(self, batch: list[Prepared], part: Marker | None, meanwhile: Meanwhile[Any] | None = None) -> None:
        self._collect(batch, part, _offer(self._manager, batch, part, meanwhile))

    def _collect(self, batch: list[Prepared], part: Marker | None, outcomes: Sequence[_Outcome]) -> None:
        """Enter what became of a batch. Hooks run here, in the caller's thread."""
        crowded = sum(isinstance(outcome, TooManyQueues) for outcome in outcomes)
        failures: dict[int, StoreError] = {}
        for item, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Enqueued):
                self._settle(item, outcome)
            elif isinstance(outcome, StoreError):
                failures[id(outcome)] = outcome
                self._lost.append(_Lost(item.index, outcome, item.request, part.key if part else ""))
            elif isinstance(outcome, TooManyQueues) and crowded > 1:
                self._send([item], None)  # a step refuses all of it; only those that name a new queue are at fault
            elif isinstance(outcome, TooManyQueues | InvalidJob):
                self._result.refused.append(Refusal.of(item.index, outcome))
            else:
                raise outcome
        for failure in failures.values():
            self._use(self._manager.without(failure))

    def _settle(self, item: Prepared, answer: Enqueued) -> None:
        if answer.duplicate_of and item.spec.on_duplicate == "reject":
            error = DuplicateJob(item.request.deduplication_key, answer.duplicate_of)
            self._result.refused.append(Refusal.of(item.index, error))
            return
        if not answer.duplicate_of:
            self._manager.made(item.request, answer)
        self._result.accepted.append((item.index, answer))

    def _settle_lost(self) -> StoreError | None:
        """Put into the outbox what belongs there, as it was sent, and refuse the rest; why, of the first of those."""
        config, marker, failure = self._manager.config, self._marker, None
        lost = sorted(self._lost, key=lambda each: each.index)
        down = {
            each.index: outbox.Item(each.request, marker=marker, part=each.part, unsure=each.error.may_be_done)
            for each in lost
            if each.request and outbox.puts_down(config, each.error)
        }
        try:
            answers: Sequence[_Outcome] = outbox.accept(list(down.values()), config) if down else ()
        except StoreError as error:
            answers = [error] * len(down)
        found = dict(zip(down, answers, strict=True))
        for each in lost:
            answer = found.get(each.index, each.error)
            if isinstance(answer, Enqueued):
                self._result.accepted.append((each.index, answer))
            elif isinstance(answer, StoreError):
                failure = failure or answer
                may_be_there = each.error.may_be_done or answer.may_be_done
                job_id = each.request.id if each.request and may_be_there else ""
                self._result.refused.append(Refusal(each.index, answer.code, answer.public, job_id=job_id))
            else:
                raise answer
        return failure

    def _doubtful(self) -> tuple[str, ...]:
        """The ids of jobs that may be there all the same, one for each spec; none where none may be."""
        found = {refusal.index: refusal.job_id for refusal in self._result.refused if refusal.code != DUPLICATE}
        return tuple(found.get(at, "") for at in range(len(self._specs))) if any(found.values()) else ()

    def _accept_repeats(self) -> None:
        """Take jobs of a repeat as accepted that are there: they were taken when their types were known."""
        result, specs, manager = self._result, self._specs, self._manager
        doubtful = [refusal.index for refusal in result.refused if refusal.code in REFUSED_AT_SIGHT]
        there: dict[int, Enqueued] = {}
        with contextlib.suppress(StoreError):
            for start in range(0, len(doubtful), MAX_BATCH):
                some = doubtful[start : start + MAX_BATCH]
                answers = met_before(manager.store, manager.config, [specs[index] for index in some])
                there |= {index: answer for index, answer in zip(some, answers, strict=True) if answer}
        result.accepted.extend(there.items())
        result.refused[:] = [refusal for refusal in result.refused if refusal.index not in there]

    def _part(self, batch: list[Prepared]) -> Marker | None:
        """The marker of one batch.

        A repeat may be cut otherwise, as a type has become known or unknown meanwhile. Its jobs then are enqueued by
        their ids, which makes none of them twice.
        """
        return self._marker.part([item.request.id for item in batch]) if self._marker else None


def _offer(
    manager: QueueManager, batch: list[Prepared], marker: Marker | None, meanwhile: Meanwhile[Any] | None
) -> list[_Outcome]:
    try:
        return manager.store.producer.offer([item.request for item in batch], marker, meanwhile)
    except StoreError as error:  # there is no server to connect to
        return [error] * len(batch)
