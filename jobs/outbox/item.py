"""One job on its way into the outbox and out of it."""

from __future__ import annotations

from typing import Final

import msgspec

from jobs.clock import MAX_INSTANT_MS
from jobs.models import OutboxEntry
from jobs.states import State
from jobs.store.producer import Marker
from jobs.types import Enqueued, JobRequest

SEEN_SECONDS: Final = 86_400  # for which the store remembers that an entry came, where the client has no word on it
_pack = msgspec.msgpack.Encoder().encode
_request = msgspec.msgpack.Decoder(JobRequest)


class Item(msgspec.Struct, frozen=True):
    """A checked request, and the instant (ms) from which its delay counts: 0 for that at which it is put down.

    `marker`: that of the client's Idempotency-Key. `part`: in a bulk enqueue, the key of the marker of its batch.
    `unsure`: it was sent to the store, and may have come there.
    """

    request: JobRequest
    accepted_ms: int = 0
    marker: Marker | None = None
    part: str = ""
    unsure: bool = False


def entry_of(item: Item) -> OutboxEntry:
    """The row for an item."""
    request, marker = item.request, item.marker
    packed = _pack(request)
    return OutboxEntry(
        job_id=request.id,
        type=request.type,
        queue=request.queue,
        request=packed,
        size=len(packed),
        accepted_ms=item.accepted_ms,
        marker=marker.key if marker else "",
        marker_body=marker.body if marker else "",
        marker_seconds=marker.seconds if marker else 0,
        part=item.part,
        unsure=item.unsure and marker is None,  # else the store remembers it
    )


def request_of(entry: OutboxEntry) -> JobRequest:
    """The request as it was made. Raises msgspec.MsgspecError for what is none."""
    return _request.decode(bytes(entry.request))


def due_request(entry: OutboxEntry, now_ms: int) -> JobRequest:
    """The request as it is to be sent now: of its delay, what is left. Raises msgspec.MsgspecError."""
    request = request_of(entry)
    if not request.delay_ms:
        return request
    waited = max(0, now_ms - entry.accepted_ms)
    return msgspec.structs.replace(request, delay_ms=max(0, request.delay_ms - waited))


def answer_of(entry: OutboxEntry, *, created: bool = True) -> Enqueued:
    """What is said of a job that was put down. Raises msgspec.MsgspecError."""
    request = request_of(entry)
    due = min(entry.accepted_ms + request.delay_ms, MAX_INSTANT_MS) if request.delay_ms else request.due_ms
    waits = due > entry.accepted_ms
    state = State.SCHEDULED if waits else State.PENDING
    return Enqueued(
        request.id, state, entry.accepted_ms, due if waits else 0, created=created, request=request, accepted=True
    )


def marker_of(entry: OutboxEntry) -> Marker:
    """What makes a second sending of the entry a no-op, also after its job is gone; the client's own where it has one.

    A client that repeats its request then gets the answer that the first sending got.
    """
    if entry.marker and not entry.part:
        return Marker(entry.marker, entry.marker_body, entry.marker_seconds)
    return seen_marker(entry.job_id)


def seen_marker(job_id: str) -> Marker:
    """The marker of an entry without an Idempotency-Key."""
    return Marker(f"outbox/{job_id}", "outbox", SEEN_SECONDS)
