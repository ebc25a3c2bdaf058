"""Cuts many jobs into batches that the store can take in one step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from .requests import JobSpec
from .store.producer import MAX_BATCH_BYTES
from .types import JobRequest

FRAME_BYTES: Final = 100  # more than an envelope needs around its payload and its texts


class Prepared(msgspec.Struct, frozen=True, gc=False):
    """A job at its place among many, as a caller described it, and as it is to be sent."""

    index: int
    spec: JobSpec
    request: JobRequest


def batches(items: Iterable[Prepared], most: int) -> Iterator[list[Prepared]]:
    """Lists of at most so many jobs, and of no more bytes than go into one step, but of one job at least."""
    batch: list[Prepared] = []
    room = MAX_BATCH_BYTES
    for item in items:
        size = _size(item.request)
        if batch and size > room:
            yield batch
            batch, room = [], MAX_BATCH_BYTES
        batch.append(item)
        room -= size
        if len(batch) >= most:  # at once: the next one is made when this one is on its way
            yield batch
            batch, room = [], MAX_BATCH_BYTES
    if batch:
        yield batch


def _size(request: JobRequest) -> int:
    """At least the bytes of an envelope in the store."""
    envelope = request.envelope
    size = len(envelope.payload) + FRAME_BYTES
    if not (envelope.tags or envelope.trace):
        return size
    texts = [*envelope.tags, *(part for pair in (envelope.trace or {}).items() for part in pair)]
    return size + sum(4 * len(text) + 5 for text in texts)
