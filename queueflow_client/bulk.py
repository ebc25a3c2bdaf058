"""Many jobs: what goes into one request, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .jobs import encoded

Chunk = list[tuple[int, bytes]]  # encoded jobs, each with its place among all

BULK_JOBS = 1000
BULK_BYTES = 16 * 1024 * 1024 - len('{"jobs":[]}')


@dataclass(frozen=True)
class Refused:
    """Why the job at `index` was not taken.

    `job_id`, of a duplicate: the job that holds the deduplication key; of a store_unavailable: the id under which this
    one may be there all the same, for a repeat.
    """

    index: int
    code: str
    detail: str
    field: str | None = None
    job_id: str | None = None


class Outcome(NamedTuple):
    """What became of many jobs: (index, job id) of the accepted, and the refused, both by index."""

    accepted: list[tuple[int, str]]
    refused: list[Refused]


def chunks(jobs: Iterable[Mapping[str, Any]], refused: list[Refused]) -> Iterator[Chunk]:
    """Jobs in lists of what goes into one request; what goes into none is refused."""
    chunk: Chunk = []
    room = BULK_BYTES
    for index, job in enumerate(jobs):
        try:
            content = encoded(**job)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            refused.append(Refused(index, "invalid", str(error)))
            continue
        if len(content) > BULK_BYTES:
            refused.append(Refused(index, "payload_too_large", f"the job has more than {BULK_BYTES:,} bytes"))
            continue
        if len(content) > room:
            yield chunk
            chunk, room = [], BULK_BYTES
        chunk.append((index, content))
        room -= len(content) + 1
        if len(chunk) == BULK_JOBS:  # sent before the next is asked for
            yield chunk
            chunk, room = [], BULK_BYTES
    if chunk:
        yield chunk
