"""Reads for lists: pages of records with what they start with, sizes of ranges, who is in charge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from jobs.errors import UnreadableRecord
from jobs.types import JobRecord

from . import codec, tables
from .channel import PROBE_MS
from .client import Client
from .keys import Keys
from .reader import Place

BATCH_BYTES = 2 * 1024 * 1024
MOST_ACTIVE = 10_000
_ARRAY_HEADS = range(0x90, 0xA0)
_BIN_LENGTHS = {0xC4: 1, 0xC5: 2, 0xC6: 4}  # a msgpack bin's first byte and how many bytes tell its length


class Row(msgspec.Struct, frozen=True):
    """One job of a list. `record` is None where it cannot be decoded."""

    id: str
    record: JobRecord | None


class Head(msgspec.Struct, frozen=True):
    """What a payload starts with, and how many bytes it has in all."""

    start: bytes
    length: int


class Browser:
    """Looks at many jobs at once. Rows of jobs that are gone are left out."""

    def __init__(self, client: Client, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    def rows(self, ids: Sequence[str]) -> list[Row]:
        """The records of some jobs, in order."""
        packed = self._client.call("HMGET", self._keys.metadata, *ids) if ids else []
        records = codec.readable_records(packed)
        found = zip(ids, packed, records, strict=True)
        return [Row(job_id, record) for job_id, blob, record in found if blob is not None]

    def heads(self, rows: Sequence[Row], most: int = 1024) -> dict[str, Head]:
        """What the payloads of jobs start with, at most `most` bytes; nothing for envelopes that cannot be decoded."""
        found: dict[str, Head] = {}
        for batch in batches(rows):
            ids = [row.id for row in batch]
            reply = self._client.run("heads", (self._keys.data,), (most + 16, *ids))
            for at, job_id in enumerate(ids):
                head = payload_head(reply[2 * at + 1])
                if head is not None:
                    found[job_id] = Head(head.start[:most], head.length)
        return found

    def earlier_payloads(self, job_id: str, version: int) -> list[bytes | None]:
        """The payloads that a job had before the one of this version, oldest first; None where gone or unreadable."""
        fields = [f"{job_id}#{number}" for number in range(1, version)]  # as the script that retries names them
        packed = self._client.call("HMGET", self._keys.data, *fields) if fields else []
        return [_payload(job_id, blob) for blob in packed]

    def active(self) -> list[Place] | None:
        """All active jobs by when they were made, latest first; None when there are more than ten thousand."""
        ids = [tables.id_of(raw) for raw in self._client.call("ZRANGE", self._keys.active, 0, MOST_ACTIVE)]
        if len(ids) > MOST_ACTIVE:
            return None
        stamps = self._client.call("ZMSCORE", self._keys.created, *ids) if ids else []
        pairs = zip(stamps, ids, strict=True)
        return sorted((Place(float(stamp or 0), job_id) for stamp, job_id in pairs), reverse=True)

    def size_between(self, index: str, low: float | None, high: float | None) -> int:
        """How many entries of an index have a score from `low` to `high`; None stands for no limit."""
        bounds = ("-inf" if low is None else f"{low:.0f}", "+inf" if high is None else f"{high:.0f}")
        return int(self._client.call("ZCOUNT", index, *bounds))

    def lowest(self, indexes: Sequence[str]) -> list[float | None]:
        """The score that each index begins with; None for an empty one."""
        replies = self._client.pipeline([("ZRANGE", index, 0, 0, "WITHSCORES") for index in indexes])
        return [float(reply[1]) if reply else None for reply in replies]

    def leads(self, duty: str) -> bool:
        """True while somebody is in charge of a duty."""
        return bool(self._client.call("EXISTS", self._keys.leader(duty)))

    def ping(self) -> None:
        """Raises StoreError unless the server answers."""
        self._client.call("PING")

    def probe(self) -> None:
        """Raises StoreError unless the server takes a write; its kind says why not."""
        self._client.call("SET", self._keys.probe, "1", "PX", PROBE_MS)


def batches(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows in lists whose jobs have 2 MiB and 250 entries at most, or a single larger one."""
    batch: list[Row] = []
    room = BATCH_BYTES
    for row in rows:
        size = row.record.size if row.record else BATCH_BYTES
        if batch and (size > room or len(batch) >= 250):
            yield batch
            batch, room = [], BATCH_BYTES
        batch.append(row)
        room -= size
    if batch:
        yield batch


def payload_head(packed: bytes) -> Head | None:
    """The payload's start in the first bytes of an envelope: an array whose first entry is a bin."""
    if len(packed) < 3 or packed[0] not in _ARRAY_HEADS or packed[1] not in _BIN_LENGTHS:
        return None
    at = 2 + _BIN_LENGTHS[packed[1]]
    length = int.from_bytes(packed[2:at], "big")
    return Head(packed[at : at + length], length)


def _payload(job_id: str, packed: bytes | None) -> bytes | None:
    try:
        return codec.envelope(job_id, packed).payload
    except UnreadableRecord:
        return None
