"""Job ids: two hex digits for the partition and twenty random ones, or what a client chose."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from typing import Final

from .conf import get_config
from .errors import InvalidJob
from .partitioning import is_telling, partition_of_id, partition_of_key

FIELD: Final = "jobId"
RANDOM_BYTES: Final = 10
ONLY_PARTITION: Final = "00"

# "." and ".." would vanish from an address, the words stand for something else in it.
PATTERN: Final = r"^(?!(\.{1,2}|bulk|groups|operations|new)$)[A-Za-z0-9._:-]+$"
_ALLOWED = re.compile(r"(?!(?:\.{1,2}|bulk|groups|operations|new)\Z)[A-Za-z0-9._:-]{1,128}\Z")


def new_id(deduplication_key: str = "", among: Sequence[int] = (), count: int = 0) -> str:
    """Return a job id that nobody has: 22 hex digits, 80 bits of them random.

    A deduplication key says in which partition the job has to lie; without one it is any `among` these, of all where
    there are none. There are `count` partitions; 0: as many as this process's configuration says.
    """
    count = count or get_config().partitions.count
    if count == 1:  # the usual case makes none of the choices
        return ONLY_PARTITION + os.urandom(RANDOM_BYTES).hex()
    raw = os.urandom(1 + RANDOM_BYTES)
    if deduplication_key:
        where = partition_of_key(deduplication_key, count)
    else:
        places = among or range(count)
        where = places[raw[0] % len(places)]
    return f"{where:02x}" + raw[1:].hex()


def derived_id(*parts: str, deduplication_key: str = "", place: str = "") -> str:
    """Return the job id that always comes from these parts, so that a repeated request meets the same job.

    Without a deduplication key `place` decides on the partition.
    """
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    where = partition_of_key(deduplication_key or place or joined, get_config().partitions.count)
    return f"{where:02x}" + hashlib.sha256(joined.encode()).hexdigest()[: 2 * RANDOM_BYTES]


def checked_id(job_id: object) -> str:
    """Return a client's own job id: 1-128 of A-Z a-z 0-9 . _ : - and no word of our addresses. Raises InvalidJob."""
    if not isinstance(job_id, str) or not _ALLOWED.match(job_id):
        raise InvalidJob(FIELD, "give 1 to 128 of A-Z a-z 0-9 . _ : -, but not . .. bulk groups operations or new")
    return job_id


def check_place(job_id: str, deduplication_key: str, count: int) -> None:
    """Raise InvalidJob for an id that puts the job into another partition than its deduplication key."""
    if count == 1 or not deduplication_key:
        return
    if not is_telling(job_id, count) or partition_of_id(job_id, count) != partition_of_key(deduplication_key, count):
        raise InvalidJob(FIELD, "a job with a deduplication key gets its id from us where there are partitions")
