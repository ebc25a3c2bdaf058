"""Reads for people: one job, pages of an index, counts. Apart from the hot path; plain commands, no scripts."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from jobs.errors import JobNotFound, UnreadableRecord
from jobs.filtering import JobFilter
from jobs.states import State
from jobs.types import Envelope, Execution, JobRecord, Priority

from . import codec, tables
from .client import Client
from .keys import SOME_TYPE, Keys
from .packing import Arg

A_TRIP: Final = 1000  # commands of a round trip
FEWEST: Final = 2  # entries of one of many indexes that are read first
MORE: Final = 16  # times as many the next time


class Place(msgspec.Struct, frozen=True, order=True):
    """Where an entry stands in an index; places of one index are totally ordered."""

    score: float
    id: str


class StoredJob(msgspec.Struct, frozen=True):
    """All the store holds of one job. Parts that cannot be decoded are None."""

    id: str
    record: JobRecord | None
    envelope: Envelope | None
    history: list[Execution]
    result: bytes | None
    progress: bytes | None
    log: list[str]
    ttl_ms: int = 0


class Group(msgspec.Struct, frozen=True, array_like=True):
    """Dead jobs of one error fingerprint. Instants in ms."""

    count: int
    first_seen: int
    last_seen: int
    sample_id: str
    summary: str
    types: list[str]


class Reader:
    """Looks at the store without changing it."""

    def __init__(self, client: Client, keys: Keys, offset_ms: int = 0) -> None:
        self._client = client
        self._keys = keys
        self.offset_ms = offset_ms

    def now_ms(self) -> int:
        """The server's time."""
        return tables.milliseconds(self._client.call("TIME")) + self.offset_ms

    def job(self, job_id: str) -> StoredJob:
        """Everything about one job. Raises JobNotFound."""
        keys = self._keys
        names = (keys.metadata, keys.data, keys.history, keys.result, keys.progress, keys.log)
        meta, data, past, result, progress, log = self._client.pipeline([("HGET", name, job_id) for name in names])
        if meta is None and data is None:
            raise JobNotFound(job_id)
        return StoredJob(
            job_id, codec.readable_record(job_id, meta), _readable_envelope(job_id, data), codec.history(job_id, past),
            result, progress, codec.texts(log),
        )  # fmt: skip

    def records(self, ids: Sequence[str]) -> list[JobRecord | None]:
        """The records of some jobs; None where gone or unreadable."""
        packed = self._client.call("HMGET", self._keys.metadata, *ids) if ids else []
        return codec.readable_records(packed)

    def envelopes(self, ids: Sequence[str]) -> list[Envelope | None]:
        """The envelopes of some jobs; None where gone or unreadable."""
        packed = self._client.call("HMGET", self._keys.data, *ids) if ids else []
        return codec.readable_envelopes(packed)

    def indexes(self, state: State | None, wanted: JobFilter | None = None) -> list[str]:
        """The keys of the smallest indexes that hold all jobs of a state (None: of any) that can match a filter."""
        keys, meant = self._keys, wanted or JobFilter()
        if state is None:
            return [keys.created]
        if state is State.DEAD and meant.fingerprints:
            return [keys.dlq_of_error(each) for each in dict.fromkeys(meant.fingerprints)]
        if state is State.DEAD and meant.types:
            return [keys.dlq_of_type(each) for each in dict.fromkeys(meant.types)]
        if state is State.PENDING:
            return self.pending_indexes(sorted(meant.queues) or self.queue_names(), sorted(meant.types))
        return [] if state is State.BLOCKED else [keys.of_state(state)]

    def pending_indexes(self, queues: Sequence[str], types: Sequence[str] = ()) -> list[str]:
        """The keys of the indexes that hold all pending jobs of some queues, and of some types where they are named.

        A job leaves its queue's index while its type is paused, and comes back when it resumes: an index stands before
        those to which its jobs go.
        """
        keys, marks = self._keys, self._hash(self._keys.paused_types)
        names = types or sorted(marks)
        back = [keys.held(name) for name in names if name in marks and codec.pause_mark(marks[name])[0] >= 0]
        lines = [keys.pending(name, priority) for name in queues for priority in Priority]
        return list(dict.fromkeys((*back, *lines, *map(keys.held, names))))

    def walk(
        self, indexes: Sequence[str], most: int, *, before: Place | None = None, up_to: float | None = None
    ) -> list[Place]:
        """At most `most` places in any of the indexes, highest first, below `before`, at most `up_to`."""
        if len(indexes) == 1:
            return self._walk_one(indexes[0], most, before, up_to)
        return self._walk_together(indexes, most, before, up_to)

    def sizes(self, indexes: Sequence[str]) -> int:
        """How many entries the indexes have together."""
        return sum(self._in_trips([("ZCARD", index) for index in indexes]))

    def queue_names(self) -> list[str]:
        """All queues that ever had a job, sorted; `default` always."""
        return sorted({"default", *tables.names(self._client.call("HKEYS", self._keys.queues))})

    def paused(self) -> dict[str, int]:
        """Paused queues and since when (ms); 0 where that cannot be read."""
        found = self._hash(self._keys.paused)
        return {
            name: int(since) if tables.is_number(since) else 0 for name, since in found.items() if name != SOME_TYPE
        }

    def state_counts(self) -> dict[str, int]:
        """Jobs a state, by wire word, from the indexes."""
        states = [State.SCHEDULED, State.ACTIVE, State.RETRYING, State.COMPLETED, State.DEAD, State.CANCELLED]
        indexes = [*map(self._keys.of_state, states), *self.indexes(State.PENDING)]
        sizes = self._in_trips([("ZCARD", index) for index in indexes])
        counts = {state.label: size for state, size in zip(states, sizes, strict=False)}
        return {**counts, "pending": sum(sizes[len(states) :]), "blocked": 0}

    def totals(self) -> dict[str, int]:
        """The counters since the installation began: created, completed, failed, dead, cancelled, retried, pruned, …"""
        return tables.numbers(self._client.call("HGETALL", self._keys.stats))

    def gauges(self) -> dict[str, int]:
        """`<queue>|<state>` counts and retained_bytes, as the scripts keep them."""
        return tables.numbers(self._client.call("HGETALL", self._keys.counts))

    def types(self) -> dict[str, dict[str, int]]:
        """Per type: completed, failed, ms."""
        table: dict[str, dict[str, int]] = {}
        for field, value in tables.numbers(self._client.call("HGETALL", self._keys.types)).items():
            name, _, what = field.rpartition("|")
            table.setdefault(name, {})[what] = value
        return table

    def groups(self) -> dict[str, Group]:
        """Dead-letter groups by fingerprint."""
        decoded = {}
        for fingerprint, packed in self._hash(self._keys.dlq_groups).items():
            try:
                decoded[fingerprint] = msgspec.msgpack.decode(packed, type=Group)
            except msgspec.MsgspecError:
                continue
        return decoded

    def series(self, buckets: int, current: int | None = None) -> list[dict[str, int]]:
        """The last `buckets` ten-second buckets, oldest first, the current one, or that with this number, last."""
        current = self.now_ms() // 10_000 if current is None else current
        names = [f"{self._keys.series}{current - back}" for back in range(buckets - 1, -1, -1)]
        replies = self._client.pipeline([("HGETALL", name) for name in names])
        return [tables.numbers(reply) for reply in replies]

    def _walk_together(
        self, indexes: Sequence[str], most: int, before: Place | None, up_to: float | None
    ) -> list[Place]:
        """A few entries of each index in one go, then more of those whose next ones may be among the highest."""
        top, few = _bound(before.score if before else up_to), max(FEWEST, 2 * most // max(1, len(indexes)))
        found: set[Place] = set()  # what has moved on to another index since it was seen stays found
        while indexes:
            ranges = [
                ("ZRANGE", each, top, "-inf", "BYSCORE", "REV", "LIMIT", 0, few, "WITHSCORES") for each in indexes
            ]
            lines = [_places(reply) for reply in self._in_trips(ranges)]
            found.update(place for line in lines for place in line if before is None or place < before)
            highest = heapq.nlargest(most, found)
            lowest = highest[-1] if len(highest) == most else None
            ends = zip(indexes, lines, strict=True)
            indexes = [each for each, line in ends if len(line) == few and (lowest is None or line[-1] > lowest)]
            few *= MORE
        return heapq.nlargest(most, found)

    def _in_trips(self, commands: Sequence[Sequence[Arg]]) -> list[Any]:
        """The replies to many commands, in so many round trips that others come in between."""
        starts = range(0, len(commands), A_TRIP)
        return [reply for start in starts for reply in self._client.pipeline(commands[start : start + A_TRIP])]

    def _walk_one(self, index: str, most: int, before: Place | None, up_to: float | None) -> list[Place]:
        top = _bound(before.score if before else up_to)
        skip = 0
        places: list[Place] = []
        if before:
            rank = self._client.call("ZREVRANK", index, before.id)
            above = self._client.call("ZCOUNT", index, f"({before.score:.0f}", "+inf")
            skip = max(0, rank + 1 - above) if rank is not None else 0
        while len(places) < most:
            reply = self._client.call("ZRANGE", index, top, "-inf", "BYSCORE", "REV", "LIMIT", skip, most, "WITHSCORES")
            found = _places(reply)
            places += [place for place in found if before is None or place < before]
            skip += len(found)
            if len(found) < most:
                break
        return places[:most]

    def _hash(self, key: str) -> dict[str, bytes]:
        return tables.table(self._client.call("HGETALL", key))


def _bound(score: float | None) -> str:
    return "+inf" if score is None else f"{score:.0f}"


def _places(reply: Sequence[bytes]) -> list[Place]:
    return [Place(float(reply[at + 1]), tables.id_of(reply[at])) for at in range(0, len(reply), 2)]


def _readable_envelope(job_id: str, packed: bytes | None) -> Envelope | None:
    try:
        return codec.envelope(job_id, packed) if packed is not None else None
    except UnreadableRecord:
        return None
