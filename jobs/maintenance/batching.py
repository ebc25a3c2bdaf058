"""Cuts work into pieces that neither the server nor this process feels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

T = TypeVar("T")
MOST_ITEMS: Final = 250
MOST_BYTES: Final = 2 * 1024 * 1024


def in_batches(items: Iterable[T], size_of: Callable[[T], int]) -> Iterator[list[T]]:
    """Pieces of at most 250 items and 2 MiB by `size_of` (bytes); an item that is larger stands alone."""
    batch: list[T] = []
    size = 0
    for item in items:
        if batch and (len(batch) >= MOST_ITEMS or size + size_of(item) > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += size_of(item)
    if batch:
        yield batch
