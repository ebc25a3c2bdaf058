"""Brings jobs into the store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from jobs.errors import InvalidJob, NotReplicated, QueueFlowError, StoreSpoilt, TooManyQueues
from jobs.meanwhile import Meanwhile
from jobs.states import State
from jobs.types import Enqueued, JobRequest

from . import codec
from .answers import answer
from .channel import Call
from .client import Client
from .codes import EnqueueCode
from .keyring import Keyring
from .keys import Keys
from .packing import Arg

MAX_QUEUES = 1000
MAX_BATCH = 250
MAX_BATCH_BYTES = 2 * 1024 * 1024


class IdempotencyKeyReused(QueueFlowError):
    """The Idempotency-Key was used before, for another body."""

    code = "idempotency_key_reused"


class Marker(NamedTuple):
    """Remembers the first answer to an Idempotency-Key: digests of the key and of the body, seconds to keep it.

    An answer that refuses every job is forgotten unless `keep_refusals`.
    """

    key: str
    body: str
    seconds: int
    keep_refusals: bool = False

    @property
    def place(self) -> str:
        """What decides on the partition of all that is remembered of the key."""
        return self.key.partition(":")[0].partition("/")[0]

    def part(self, ids: Sequence[str]) -> Marker:
        """The marker of one batch of a bulk enqueue: the answer is remembered for exactly these jobs, also where it
        refuses them all."""
        digest = hashlib.sha256("\0".join(ids).encode()).hexdigest()
        return self._replace(key=f"{self.key}:{digest}", keep_refusals=True)


class Safety(NamedTuple):
    """How many replicas must have what is enqueued, and how long they are waited for, in ms."""

    replicas: int = 0
    wait_ms: int = 0


class Producer:
    """Enqueues jobs, one script a batch. A repeat of a job id makes nothing and answers with the job that is there."""

    def __init__(self, client: Client, keys: Keys, offset_ms: int = 0, safety: Safety | None = None) -> None:
        self._client = client
        self._keys = keys
        self._safety = safety or Safety()
        self.offset_ms = offset_ms

    def enqueue(
        self, requests: Sequence[JobRequest], marker: Marker | None = None, meanwhile: Meanwhile[Any] | None = None
    ) -> list[Enqueued]:
        """What became of each request, in order. At most 250 requests and 2 MiB of envelopes a call. `meanwhile` may be
        done while the server works.

        Raises TooManyQueues, IdempotencyKeyReused, InvalidJob for too large a batch, StoreError and its kinds, among
        them NotReplicated.
        A duplicate is an answer about the job that holds the key (`duplicate_of`), not an exception.
        """
        if not requests:
            return []
        envelopes = [codec.pack(request.envelope) for request in requests]
        if len(requests) > MAX_BATCH:
            raise InvalidJob("jobs", f"at most {MAX_BATCH} in one batch")
        if len(requests) > 1 and sum(map(len, envelopes)) > MAX_BATCH_BYTES:
            raise InvalidJob("jobs", f"at most {MAX_BATCH_BYTES} bytes in one batch")
        if len(requests) == 1 and marker is None and (made := self._one(requests[0], envelopes[0], meanwhile)):
            return [made]
        keys, args = self._packed(requests, envelopes, marker)
        return _answers(requests, self._run("enqueue", keys, args, requests, meanwhile))

    def offer(
        self, requests: Sequence[JobRequest], marker: Marker | None = None, meanwhile: Meanwhile[Any] | None = None
    ) -> list[Enqueued | QueueFlowError]:
        """What became of each request, as `enqueue` says it, or why it was not taken where others may have been."""
        try:
            return list(self.enqueue(requests, marker, meanwhile))
        except QueueFlowError as error:
            return [error] * len(requests)

    def enqueue_each(self, pairs: Sequence[tuple[JobRequest, Marker]]) -> list[Enqueued]:
        """What became of each request with a marker of its own, in order and in one round trip.

        Raises what `enqueue` does for any of them, when all others have been taken all the same.
        """
        calls: list[Call] = [
            ("enqueue", *self._packed([each], [codec.pack(each.envelope)], marker)) for each, marker in pairs
        ]
        if self._safety.replicas:
            replies = self._waited(calls, [[each] for each, _ in pairs])
        else:
            replies = self._client.run_all(calls)
        return [_answers([each], reply)[0] for (each, _), reply in zip(pairs, replies, strict=True)]

    def recall(self, request: JobRequest, marker: Marker) -> Enqueued | None:
        """What became of the request when it came first with this marker; None where nothing is remembered.

        Raises IdempotencyKeyReused, StoreError and its kinds.
        """
        ring, names, items = self._items([], marker)
        args = (self.offset_ms, MAX_QUEUES, marker.body, 0, 0, codec.pack(names), codec.pack(items))
        reply = self._client.run("enqueue", ring.keys, args)
        return None if reply == -3 else _answers([request], reply)[0]

    def secure(self, ids: Sequence[str]) -> None:
        """Wait for the replicas that an enqueue waits for. Raises NotReplicated unless enough of them have these jobs,
        which were seen in the store."""
        replicas, wait_ms = self._safety
        if not (replicas and ids):
            return
        _, there = self._client.run_and_wait((), self._keys.probe, replicas, wait_ms)
        if there < replicas:
            raise NotReplicated(_too_few(there, self._safety), tuple(ids))

    def _one(self, request: JobRequest, envelope: bytes, meanwhile: Meanwhile[Any] | None) -> Enqueued | None:
        """Enqueues in fewer steps what can start at once; None: nothing was done, take the long way."""
        if request.delay_ms or request.due_ms or request.deduplication_key:
            return None
        keys, block = self._keys, self._keys.queue_block(request.queue)
        ring: tuple[str, ...] = (
            *keys.core, keys.queues, keys.paused, keys.paused_types, block[request.priority - 1], block[3],
        )  # fmt: skip
        args: tuple[Arg, ...] = (
            self.offset_ms, request.queue, request.id, request.type, int(request.priority), request.max_retries,
            request.retention_ms, envelope,
        )  # fmt: skip
        if request.envelope.tags:
            ring += (keys.tag_index, keys.tagged(""))
            args += request.envelope.tags
        now = self._run("enqueue_one", ring, args, (request,), meanwhile)
        return Enqueued(request.id, State.PENDING, int(now), request=request) if now else None

    def _packed(
        self, requests: Sequence[JobRequest], envelopes: Sequence[bytes], marker: Marker | None
    ) -> tuple[Sequence[Arg], list[Arg]]:
        """KEYS and ARGV of the script `enqueue`."""
        ring, names, items = self._items(requests, marker)
        args: list[Arg] = [self.offset_ms, MAX_QUEUES, "", 0, 0]
        if marker:
            args[2:] = [marker.body, marker.seconds * 1000, int(marker.keep_refusals)]
        return ring.keys, [*args, codec.pack(names), codec.pack(items), *envelopes]

    def _run(
        self, name: str, keys: Sequence[Arg], args: Sequence[Arg], requests: Sequence[JobRequest],
        meanwhile: Meanwhile[Any] | None = None,
    ) -> Any:  # fmt: skip
        if not self._safety.replicas:
            return self._client.run(name, keys, args, meanwhile)
        return self._waited([(name, keys, args)], [requests], meanwhile)[0]

    def _waited(
        self, calls: Sequence[Call], of_each: Sequence[Sequence[JobRequest]], meanwhile: Meanwhile[Any] | None = None
    ) -> list[Any]:
        """The replies, when enough replicas have the jobs that they tell of. Raises NotReplicated."""
        replicas, wait_ms = self._safety
        replies, there = self._client.run_and_wait(calls, self._keys.probe, replicas, wait_ms, meanwhile)
        ids = [
            request.id
            for requests, reply in zip(of_each, replies, strict=True)
            if reply and not isinstance(reply, int)  # else nothing was made
            for request in requests
        ]
        if there < replicas and ids:
            raise NotReplicated(_too_few(there, self._safety), tuple(ids))
        return replies

    def _items(
        self, requests: Sequence[JobRequest], marker: Marker | None
    ) -> tuple[Keyring, list[str], list[tuple[object, ...]]]:
        keys = self._keys
        names = list(dict.fromkeys(request.queue for request in requests))
        place = {name: index for index, name in enumerate(names, 1)}
        marker_key = keys.idempotency(marker.key) if marker else keys.unused
        ring = Keyring(
            keys.core, keys.scheduled, keys.queues, keys.gate, keys.timer_channel, marker_key, keys.tag_index,
            keys.tagged(""),
        )  # fmt: skip
        for name in names:
            ring.keys += keys.queue_block(name)
        items: list[tuple[object, ...]] = []
        for request in requests:
            held = request.deduplication_key
            dedup = ring.add_deduplication(keys, held)
            items.append((
                request.id, request.type, place[request.queue], request.priority, request.due_ms, request.delay_ms,
                request.max_retries, request.retention_ms, held, dedup, request.deduplication_ttl_ms,
                *((request.envelope.tags,) if request.envelope.tags else ()),
            ))  # fmt: skip
        return ring, names, items


def _too_few(there: int, safety: Safety) -> str:
    return f"{there} of {safety.replicas} replicas had it within {safety.wait_ms} ms"


def _answers(requests: Sequence[JobRequest], reply: Any) -> list[Enqueued]:
    if reply == -1:
        raise IdempotencyKeyReused("the Idempotency-Key was used for another body")
    if reply == -2:
        raise TooManyQueues(f"there are {MAX_QUEUES} queues already")
    try:
        now, codes, details = int(reply[0]), reply[1], reply[2]
        return [
            answer(request, now, EnqueueCode(code), detail)
            for request, code, detail in zip(requests, codes, details, strict=True)
        ]
    except (TypeError, ValueError, LookupError) as error:
        raise StoreSpoilt("what is remembered of an Idempotency-Key cannot be read", "wrong_value") from error
