"""Enqueues many jobs: in batches that the store can take in one step, each job accepted or refused by itself."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from . import outbox
from .errors import DuplicateJob, InvalidJob, PayloadTooLarge, QueueFlowError, StoreError, TooManyQueues, UnknownJobType
from .requests import JobSpec
from .store.markers import WHOLE
from .store.producer import MAX_BATCH, MAX_BATCH_BYTES, Marker
from .types import Enqueued, JobRequest

if TYPE_CHECKING:
    from .manager import QueueManager

REFUSED_AT_SIGHT: Final = frozenset({InvalidJob.code, PayloadTooLarge.code, UnknownJobType.code})
FRAME_BYTES: Final = 100  # more than an envelope needs around its payload and its texts


class Refusal(msgspec.Struct, frozen=True):
    """Why the job at `index` was not taken; `code` as in the API.

    Where there is one: `field` at fault in wire notation, `job_id` of the job that holds a duplicate's key.
    """

    index: int
    code: str
    detail: str
    field: str = ""
    job_id: str = ""


class BulkResult(msgspec.Struct, frozen=True):
    """What became of many: (index, job) of those accepted, and the refused, both by index."""

    accepted: list[tuple[int, Enqueued]]
    refused: list[Refusal]


class _Item(msgspec.Struct, frozen=True):
    index: int
    spec: JobSpec
    request: JobRequest


def fill(manager: QueueManager, specs: Sequence[JobSpec], marker: Marker | None, batch_jobs: int) -> BulkResult:
    """Enqueue specs, like `QueueManager.enqueue_many`."""
    result = BulkResult([], [])
    is_kept = False
    try:
        if marker:
            manager.store.markers.keep(marker, WHOLE)
            is_kept = True
        if len(specs) <= batch_jobs:
            for batch in _batches(manager, specs, batch_jobs, result):
                _send(manager, batch, _part(marker, batch), result)
        else:
            _overlap(manager, specs, marker, batch_jobs, result)
    except StoreError as error:
        if outbox.puts_down(manager.config, error):
            manager = manager.without_store(error)
            error = _put_down(manager, specs, marker, batch_jobs, result) or error
        if not result.accepted:
            _forget(manager, marker if is_kept else None)
            raise error
        result.refused.extend(Refusal(index, error.code, str(error)) for index in _open(specs, result))
    _accept_repeats(manager, specs, result)
    result.refused.sort(key=lambda refusal: refusal.index)
    return result


def _open(specs: Sequence[JobSpec], result: BulkResult) -> list[int]:
    """Indexes of the jobs that nothing has become of yet."""
    settled = {index for index, _ in result.accepted} | {refusal.index for refusal in result.refused}
    return [index for index in range(len(specs)) if index not in settled]


def _put_down(
    manager: QueueManager, specs: Sequence[JobSpec], marker: Marker | None, batch_jobs: int, result: BulkResult
) -> StoreError | None:
    """Put what is open into the outbox, cut into the batches that the store would have got; why not all, if so."""
    places = _open(specs, result)
    more = BulkResult([], [])
    items: list[_Item] = []
    sent: list[outbox.Item] = []
    for batch in _batches(manager, [specs[index] for index in places], batch_jobs, more):
        part = _part(marker, batch)
        items += batch
        sent += [outbox.Item(item.request, marker=marker, part=part.key if part else "") for item in batch]
    result.refused.extend(msgspec.structs.replace(refusal, index=places[refusal.index]) for refusal in more.refused)
    try:
        answers = outbox.accept(sent, manager.config) if sent else []
    except StoreError as error:
        return error
    failure = None
    for item, answer in zip(items, answers, strict=True):
        if isinstance(answer, Enqueued):
            result.accepted.append((places[item.index], answer))
        elif isinstance(answer, StoreError):
            failure = answer
        else:
            raise answer
    result.accepted.sort(key=lambda each: each[0])
    return failure


def _accept_repeats(manager: QueueManager, specs: Sequence[JobSpec], result: BulkResult) -> None:
    """Take jobs of a repeat as accepted that are there: they were taken when their types were known."""
    doubtful = [refusal.index for refusal in result.refused if refusal.code in REFUSED_AT_SIGHT]
    there: dict[int, Enqueued] = {}
    with contextlib.suppress(StoreError):
        for start in range(0, len(doubtful), MAX_BATCH):
            some = doubtful[start : start + MAX_BATCH]
            answers = zip(some, manager.repeats([specs[index] for index in some]), strict=True)
            there |= {index: answer for index, answer in answers if answer}
    if there:
        result.accepted[:] = sorted([*result.accepted, *there.items()], key=lambda each: each[0])
        result.refused[:] = [refusal for refusal in result.refused if refusal.index not in there]


def _overlap(
    manager: QueueManager, specs: Sequence[JobSpec], marker: Marker | None, batch_jobs: int, result: BulkResult
) -> None:
    """Send batches in order, and prepare the next one while the store works on the last."""
    with ThreadPoolExecutor(1, thread_name_prefix="enqueue") as sender:
        waiting: tuple[list[_Item], Callable[[], list[Enqueued]]] | None = None
        for batch in _batches(manager, specs, batch_jobs, result):
            if waiting:
                _collect(manager, *waiting, result)
            waiting = batch, sender.submit(_enqueue, manager, batch, _part(marker, batch)).result
        if waiting:
            _collect(manager, *waiting, result)


def _batches(
    manager: QueueManager, specs: Sequence[JobSpec], batch_jobs: int, result: BulkResult
) -> Iterator[list[_Item]]:
    """Prepared jobs, in lists of what goes into one step of the store."""
    batch: list[_Item] = []
    room = MAX_BATCH_BYTES
    for index, spec in enumerate(specs):
        try:
            request = manager.prepare(spec)
        except InvalidJob as error:
            result.refused.append(_refusal(index, error))
            continue
        size = _size(request)
        if batch and (len(batch) >= batch_jobs or size > room):
            yield batch
            batch, room = [], MAX_BATCH_BYTES
        batch.append(_Item(index, spec, request))
        room -= size
    if batch:
        yield batch


def _send(manager: QueueManager, batch: list[_Item], marker: Marker | None, result: BulkResult) -> None:
    _collect(manager, batch, partial(_enqueue, manager, batch, marker), result)


def _collect(
    manager: QueueManager, batch: list[_Item], answers: Callable[[], list[Enqueued]], result: BulkResult
) -> None:
    """Enter what became of a batch. Hooks run here, in the caller's thread. Raises what the store raised."""
    try:
        enqueued = answers()
    except TooManyQueues as error:
        # The script refuses a batch as a whole; only those that name a new queue are at fault.
        if len(batch) == 1:
            result.refused.append(_refusal(batch[0].index, error))
            return
        for item in batch:
            _send(manager, [item], None, result)
        return
    for item, answer in zip(batch, enqueued, strict=True):
        _settle(manager, item, answer, result)


def _enqueue(manager: QueueManager, batch: list[_Item], marker: Marker | None) -> list[Enqueued]:
    return manager.store.producer.enqueue([item.request for item in batch], marker)


def _settle(manager: QueueManager, item: _Item, answer: Enqueued, result: BulkResult) -> None:
    if answer.duplicate_of and item.spec.on_duplicate == "reject":
        error = DuplicateJob(item.request.deduplication_key, answer.duplicate_of)
        result.refused.append(_refusal(item.index, error))
        return
    if not answer.duplicate_of:
        manager.made(item.request, answer)
    result.accepted.append((item.index, answer))


def _refusal(index: int, error: QueueFlowError) -> Refusal:
    field = error.field if isinstance(error, InvalidJob) else ""
    job_id = error.job_id if isinstance(error, DuplicateJob) else ""
    return Refusal(index, error.code, str(error), field, job_id)


def _part(marker: Marker | None, batch: list[_Item]) -> Marker | None:
    """The marker of one batch.

    A repeat may be cut otherwise, as a type has become known or unknown meanwhile. Its jobs then are enqueued by their
    ids, which makes none of them twice.
    """
    return marker.part([item.request.id for item in batch]) if marker else None


def _forget(manager: QueueManager, marker: Marker | None) -> None:
    with contextlib.suppress(StoreError):
        if marker:
            manager.store.markers.drop(marker)


def _size(request: JobRequest) -> int:
    """At least the bytes of an envelope in the store."""
    texts = [*request.envelope.tags, *(part for pair in (request.envelope.trace or {}).items() for part in pair)]
    return len(request.envelope.payload) + FRAME_BYTES + sum(4 * len(text) + 5 for text in texts)
