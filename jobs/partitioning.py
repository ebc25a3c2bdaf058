"""In which partition a job lies: told by its id, or chosen by a key."""

from __future__ import annotations

import hashlib
import re
from typing import Final

import msgspec

MOST_PARTITIONS: Final = 256  # two hex digits of an id
_MADE_BY_US = re.compile(r"[0-9a-f]{22}\Z")


class Partitions(msgspec.Struct, frozen=True):
    """Over how many partitions an installation is spread; `urls`: the server of each, where each has its own."""

    count: int = 1
    urls: tuple[str, ...] = ()


def partition_of_id(job_id: str, count: int) -> int:
    """The partition of a job: its id's first two digits where we made it, else where the id hashes to."""
    if count == 1:
        return 0
    said = _said_by(job_id, count)
    return partition_of_key(job_id, count) if said is None else said


def is_telling(job_id: str, count: int) -> bool:
    """Whether an id says itself in which of the partitions its job lies."""
    return _said_by(job_id, count) is not None


def partition_of_key(key: str, count: int) -> int:
    """The partition with the highest hash of itself and the key (rendezvous hashing): with another partition more,
    only the keys move that it takes.

    Thaler and Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM Transactions on Networking 6(1),
    1998.
    """
    return max(range(count), key=lambda partition: _weight(partition, key))


def _said_by(job_id: str, count: int) -> int | None:
    if not _MADE_BY_US.match(job_id):
        return None
    said = int(job_id[:2], 16)
    return said if said < count else None


def _weight(partition: int, key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=8, salt=partition.to_bytes(2, "big")).digest()
