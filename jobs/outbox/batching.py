"""Which entries go to the store together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from jobs.models import OutboxEntry

from . import table

MOST_ENTRIES: Final = 50  # in one round trip
MOST_BYTES: Final = 1024 * 1024  # the same, where there is more than one


def batches(entries: Sequence[OutboxEntry], using: str, place: Callable[[str], int]) -> Iterator[list[OutboxEntry]]:
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
