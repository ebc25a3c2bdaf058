"""What the auditor reads: jobs at one instant, all counters at one instant, and walks over everything else."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from jobs.states import State
from jobs.types import JobRecord

from . import codec, tables
from .client import Client
from .keeper import Entry, Keeper
from .keyring import Keyring
from .keys import Keys
from .reader import Group

BATCH = 200
FIELDS_A_STEP = 50  # a value may have a mebibyte
MAX_TRIES = 3


class Sight(msgspec.Struct, frozen=True):
    """One job at one instant. `record` is None when there is none or, with `has_record`, when it cannot be decoded.

    `places` are the indexes that hold it with their scores, of those that its record or the caller named; `owner` holds
    its deduplication key ('' = nobody); `extras` counts result, history, progress and log kept for it; `held_above` is
    the position behind which jobs of its type are held (-1: all are), None while the type is not paused.
    """

    id: str
    now_ms: int
    record: JobRecord | None
    has_record: bool
    has_body: bool
    created: float | None
    places: dict[str, float]
    owner: str
    extras: int
    expires: bool
    held_above: int | None


class Totals(msgspec.Struct, frozen=True):
    """All counters at one instant. `sizes`: metadata, created, then scheduled to dlq by the word of the index."""

    totals: dict[str, int]
    gauges: dict[str, int]
    groups: dict[str, int]
    stamp: int
    sizes: dict[str, int]


class Survey:
    """Read-only views for the auditor. The only place that scans."""

    def __init__(self, client: Client, keys: Keys, offset_ms: int = 0) -> None:
        self._client = client
        self._keys = keys
        self._keeper = Keeper(client, keys, offset_ms)
        self._offset_ms = offset_ms
        self.fixed = (keys.scheduled, keys.retrying, keys.active, keys.completed, keys.cancelled, keys.dlq)

    def look(self, ids: Sequence[str], *hints: str) -> list[Sight]:
        """At most 200 jobs at one instant, each in every place its record names and in `hints`.

        A job that keeps moving between two reads is left out.
        """
        sights: list[Sight] = []
        open_ids = list(dict.fromkeys(ids))
        for _ in range(MAX_TRIES):
            if not open_ids:
                break
            packed = self._client.call("HMGET", self._keys.metadata, *open_ids)
            expected = [codec.readable_record(job_id, blob) for job_id, blob in zip(open_ids, packed, strict=True)]
            seen = self._at_once(open_ids, expected, hints)
            pairs = list(zip(expected, seen, strict=True))
            sights += [sight for record, sight in pairs if self._same_places(record, sight.record)]
            open_ids = [sight.id for record, sight in pairs if not self._same_places(record, sight.record)]
        return sights

    def entries(self, index: str) -> Iterator[list[Entry]]:
        """An index from its lowest place up, in batches, with the records."""
        batch = self._keeper.page(index, BATCH)
        while batch:
            yield batch
            batch = self._keeper.page(index, BATCH, after=batch[-1].place)

    def fields(self, key: str) -> Iterator[list[str]]:
        """The fields of a hash in batches of at most 200. One may come twice; one that comes or goes may be missed."""
        cursor = b"0"
        while True:
            cursor, found = self._client.run("audit_fields", (key,), (cursor, FIELDS_A_STEP))
            names = [name.decode(errors="replace") for name in found]
            for start in range(0, len(names), BATCH):
                yield names[start : start + BATCH]
            if cursor == b"0":
                return

    def keys_below(self, prefix: str) -> Iterator[list[str]]:
        """The keys that begin with `prefix`, in batches. One may come twice."""
        cursor = b"0"
        pattern = re.sub(r"([\\*?\[\]])", r"\\\1", prefix) + "*"
        while True:
            cursor, found = self._client.call("SCAN", cursor, "MATCH", pattern, "COUNT", 1000)
            if found:
                yield [name.decode(errors="replace") for name in found]
            if cursor == b"0":
                return

    def owners(self, deduplication_keys: Sequence[str]) -> list[str]:
        """Who owns each of some (whole) deduplication keys, '' for nobody."""
        return [(owner or b"").decode(errors="replace") for owner in self._client.call("MGET", *deduplication_keys)]

    def records(self, ids: Sequence[str]) -> list[tuple[bool, JobRecord | None]]:
        """Of each id whether there is a record, and the record if it can be decoded."""
        packed = self._client.call("HMGET", self._keys.metadata, *ids)
        return [
            (blob is not None, codec.readable_record(job_id, blob)) for job_id, blob in zip(ids, packed, strict=True)
        ]

    def has_field(self, key: str, field: str) -> bool:
        """Whether a hash has a field."""
        return bool(self._client.call("HEXISTS", key, field))

    def uncreated(self, ids: Sequence[str]) -> list[str]:
        """Those of some ids that the creation index does not have."""
        scores = self._client.call("ZMSCORE", self._keys.created, *ids)
        return [job_id for job_id, score in zip(ids, scores, strict=True) if score is None]

    def totals(self) -> Totals:
        """All counters."""
        keys = self._keys
        ring = (*keys.core, *self.fixed, keys.dlq_groups)
        totals, gauges, groups, stamp, sizes = self._client.run("audit_totals", ring, (self._offset_ms,))
        names = ("metadata", "created", "scheduled", "retrying", "active", "completed", "cancelled", "dlq")
        return Totals(
            {name: tables.number(value) for name, value in _pairs(totals)},
            {name: tables.number(value) for name, value in _pairs(gauges)},
            {name: _group_count(packed) for name, packed in _pairs(groups)},
            tables.number(stamp),
            dict(zip(names, sizes, strict=True)),
        )

    def places_of(self, record: JobRecord, found: Container[str]) -> tuple[str, ...]:
        """The indexes in which a job with this record belongs; it was `found` in some.

        A pending job whose type is paused may be held, or still stand in its queue until a claim meets it there.
        """
        keys = self._keys
        tagged = tuple(map(keys.tagged, record.tags))
        if record.state is State.PENDING:
            line, held = keys.pending(record.queue, record.priority), keys.held(record.type)
            return (held if held in found and line not in found else line, *tagged)
        if record.state is State.DEAD:
            return (keys.dlq, keys.dlq_of_type(record.type), keys.dlq_of_error(record.fingerprint), *tagged)
        if record.state is State.BLOCKED:
            return tagged
        return (keys.of_state(record.state), *tagged)

    def _at_once(self, ids: Sequence[str], expected: Sequence[JobRecord | None], hints: Iterable[str]) -> list[Sight]:
        keys = self._keys
        ring = Keyring(
            keys.core, keys.result, keys.history, keys.progress, keys.log, keys.expiring, keys.paused_types
        )  # fmt: skip
        wanted = [self._wanted(record, hints) for record in expected]
        items = []
        for job_id, record, names in zip(ids, expected, wanted, strict=True):
            dedup = ring.add_deduplication(keys, record.deduplication_key if record else "")
            items.append((
                job_id, [ring.add(name) for name in names], dedup, record.type if record else "",
            ))  # fmt: skip
        now, *rows = self._client.run("audit", ring.keys, (self._offset_ms, codec.pack(items)))
        return [_sight(job_id, int(now), names, row) for job_id, names, row in zip(ids, wanted, rows, strict=True)]

    def _wanted(self, record: JobRecord | None, hints: Iterable[str]) -> tuple[str, ...]:
        own: tuple[str, ...] = ()
        if record:
            own = (*self._keys.queue_block(record.queue)[:3], self._keys.held(record.type))
            own += (self._keys.dlq_of_type(record.type),)
            own += (self._keys.dlq_of_error(record.fingerprint),) if record.fingerprint else ()
            own += tuple(map(self._keys.tagged, record.tags))
        return tuple(dict.fromkeys((*self.fixed, *own, *hints)))

    def _same_places(self, before: JobRecord | None, after: JobRecord | None) -> bool:
        """Whether the places of one record are those of the other, so that all of them were looked into."""
        if before is None or after is None:
            return before is after
        return (before.queue, before.fingerprint, before.tags) == (after.queue, after.fingerprint, after.tags)


def _sight(job_id: str, now_ms: int, names: Sequence[str], row: Sequence[Any]) -> Sight:
    packed, body, created, scores, owner, extras, expires, mark = row
    return Sight(
        job_id,
        now_ms,
        codec.readable_record(job_id, packed),
        has_record=packed != b"",
        has_body=body == 1,
        created=float(created) if created else None,
        places={name: float(score) for name, score in zip(names, scores, strict=True) if score},
        owner=owner.decode(errors="replace"),
        extras=extras,
        expires=expires == 1,
        held_above=codec.pause_mark(mark)[0] if mark else None,
    )


def _pairs(flat: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    for index in range(0, len(flat), 2):
        yield flat[index].decode(errors="replace"), flat[index + 1]


def _group_count(packed: bytes) -> int:
    try:
        return msgspec.msgpack.decode(packed, type=Group).count
    except msgspec.MsgspecError:
        return -1
