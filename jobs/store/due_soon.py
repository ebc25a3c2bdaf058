"""Which jobs that are put off fall due soon, by queue: counted, and of very many estimated from a spread sample."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec

from . import codec, tables
from .client import Client
from .keys import Keys

MOST_READ: Final = 2000  # jobs, about; of more a sample is read
PIECE: Final = 4  # neighbours in a sample: jobs that were made together are often of one queue
BATCH: Final = 500  # jobs a command, so that none takes long


class _Step(msgspec.Struct, frozen=True):
    """The jobs of an index that fall due up to one mark and not up to the one before: `count`, from rank `first` on."""

    index: str
    mark: int
    first: int
    count: int


def due_soon(client: Client, keys: Keys, now_ms: int, within: Sequence[float]) -> dict[str, list[int]]:
    """How many jobs of each queue become claimable within so many (rising) seconds each; none of paused types."""
    indexes = (keys.scheduled, keys.retrying)
    edges = [int(now_ms + seconds * 1000) for seconds in within]
    counts = [("ZCOUNT", index, "-inf", edge) for index in indexes for edge in edges]
    marks, *ranks = client.pipeline([("HGETALL", keys.paused_types), *counts])
    steps = [
        _Step(index, mark, first, last - first)
        for at, index in enumerate(indexes)
        for mark, (first, last) in enumerate(_pairs(ranks[at * len(edges) : (at + 1) * len(edges)]))
        if last > first
    ]
    if not steps:
        return {}
    held = frozenset(name for name, mark in tables.table(marks).items() if codec.pause_mark(mark)[0] < 0)
    found: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(edges))
    for step, blobs in zip(steps, _records(client, keys, steps), strict=True):
        for record in codec.readable_records(blobs):
            if record is not None and record.type not in held:
                found[record.queue][step.mark] += step.count / len(blobs)
    return {queue: [round(sum(jobs[: at + 1])) for at in range(len(edges))] for queue, jobs in found.items()}


def _pairs(ranks: Sequence[int]) -> list[tuple[int, int]]:
    return list(zip([0, *ranks[:-1]], ranks, strict=True))


def _records(client: Client, keys: Keys, steps: Sequence[_Step]) -> list[list[bytes | None]]:
    """The records of the jobs of each step, or of a sample of them."""
    total = sum(step.count for step in steps)
    pieces = [(at, step, piece) for at, step in enumerate(steps) for piece in _stretches(step, total)]
    reads = [("ZRANGE", step.index, first, first + size - 1) for _, step, (first, size) in pieces]
    ids = [(at, job) for (at, *_), jobs in zip(pieces, client.pipeline(reads), strict=True) for job in jobs]
    starts = range(0, len(ids), BATCH)
    batches = [("HMGET", keys.metadata, *(job for _, job in ids[start : start + BATCH])) for start in starts]
    blobs = [blob for batch in client.pipeline(batches) for blob in batch] if batches else []
    found: list[list[bytes | None]] = [[] for _ in steps]
    for (at, _), blob in zip(ids, blobs, strict=True):
        found[at].append(blob)
    return found


def _stretches(step: _Step, total: int) -> list[tuple[int, int]]:
    """From which ranks on how many jobs are read."""
    if total <= MOST_READ:
        batches = range(step.first, step.first + step.count, BATCH)
        return [(first, min(BATCH, step.first + step.count - first)) for first in batches]
    pieces = math.ceil(MOST_READ * step.count / total / PIECE)
    edges = [step.first + piece * step.count // pieces for piece in range(pieces + 1)]
    # Anywhere between two edges: what comes in turns would always be met at the same turn.
    return [(random.randint(start, max(start, end - PIECE)), min(PIECE, end - start)) for start, end in pairwise(edges)]
