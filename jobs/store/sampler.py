"""What history is made from: the counters that transitions keep of each ten seconds, and what is there now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from jobs.types import Priority

from . import histogram, tables
from .client import Client
from .history_bucket import Gauges, HistoryBucket, PoolGauge, added
from .keys import Keys
from .reader import Reader
from .registry import Registry

STEP_MS: Final = 10_000
FIELDS_A_STEP: Final = 2000
QUEUES_A_STEP: Final = 100
MOST_SAMPLED: Final = 20  # with figures of their own
POOL_LENGTH: Final = 64
STATES: Final = ("active", "scheduled", "retrying")

Fields = dict[str, int]


class Sampler:
    """Reads for the duty that keeps the history. No command takes long, however many queues there are."""

    def __init__(self, client: Client, keys: Keys, reader: Reader, registry: Registry) -> None:
        self._client = client
        self._keys = keys
        self._reader = reader
        self._registry = registry

    def counted(self, numbers: Sequence[int]) -> list[int]:
        """Those of some ten-second buckets in which something happened."""
        found = self._client.pipeline([("EXISTS", f"{self._keys.series}{number}") for number in numbers])
        return [number for number, there in zip(numbers, found, strict=True) if there]

    def counters(self, number: int) -> tuple[dict[str, HistoryBucket], HistoryBucket]:
        """What happened in a closed ten-second bucket, a queue and in all; queues without any are left out."""
        by_queue: dict[str, Fields] = {}
        in_all: Fields = {}
        for field, value in self._fields(number).items():
            queue, _, what = field.partition("|")
            by_queue.setdefault(queue, {})[what] = value
            in_all[what] = in_all.get(what, 0) + value
        return {queue: _bucket(number, fields) for queue, fields in by_queue.items()}, _bucket(number, in_all)

    def gauges(self, queues: Sequence[str]) -> tuple[dict[str, Gauges], Gauges]:
        """What is there now, a queue and in all."""
        counts, now = self._reader.gauges(), self._reader.now_ms()
        by_queue: dict[str, Gauges] = {}
        for start in range(0, len(queues), QUEUES_A_STEP):
            by_queue |= self._waiting(queues[start : start + QUEUES_A_STEP], counts, now)
        return by_queue, added(by_queue.values(), self._pools())

    def releases(self) -> list[str]:
        """The releases that live workers run, sorted, without unnamed ones."""
        return sorted({seen.info.release for seen in self._registry.workers() if seen.alive and seen.info.release})

    def _waiting(self, queues: Sequence[str], counts: Fields, now: int) -> dict[str, Gauges]:
        keys = [self._keys.pending(queue, priority) for queue in queues for priority in Priority]
        replies = self._client.pipeline([("ZCARD", key) for key in keys] + [("ZRANGE", key, 0, 0) for key in keys])
        sizes, heads = replies[: len(keys)], [tables.id_of(entry[0]) if entry else "" for entry in replies[len(keys) :]]
        ids = [head for head in heads if head]
        ready = {job: record.ready_at for job, record in zip(ids, self._reader.records(ids), strict=True) if record}
        found = {}
        for at, queue in enumerate(queues):
            mine = slice(3 * at, 3 * at + 3)
            oldest = min((ready[head] for head in heads[mine] if head in ready), default=now)
            active, scheduled, retrying = (max(0, counts.get(f"{queue}|{state}", 0)) for state in STATES)
            high, normal, low = sizes[mine]
            found[queue] = Gauges(high, normal, low, max(0, now - oldest), active, scheduled, retrying)
        return found

    def _pools(self) -> dict[str, PoolGauge]:
        statuses: dict[str, list[str]] = {name: [] for name in self._registry.desired()}
        for seen in self._registry.workers():
            if seen.alive:
                statuses.setdefault(seen.info.pool, []).append(seen.info.status)
        desired = self._registry.desired()
        return {
            name[:POOL_LENGTH]: PoolGauge(
                desired.get(name), *(found.count(word) for word in ("idle", "busy", "draining"))
            )
            for name, found in sorted(statuses.items())[:MOST_SAMPLED]
        }

    def _fields(self, number: int) -> Fields:
        """All fields of a closed bucket, in steps: nothing changes them any more."""
        fields: Fields = {}
        cursor = b"0"
        while True:
            cursor, flat = self._client.call("HSCAN", f"{self._keys.series}{number}", cursor, "COUNT", FIELDS_A_STEP)
            pairs = zip(flat[::2], flat[1::2], strict=True)
            fields |= {name.decode(errors="replace"): int(value) for name, value in pairs if value.isdigit()}
            if cursor == b"0":
                return fields


def _bucket(number: int, fields: Fields) -> HistoryBucket:
    return HistoryBucket(
        number,
        arrived=fields.get("in", 0),
        completed=fields.get("completed", 0),
        failed=fields.get("failed", 0),
        dead=fields.get("dead", 0),
        busy_ms=fields.get("ms", 0),
        wait=_histogram("w", fields),
        processing=_histogram("p", fields),
    )


def _histogram(letter: str, fields: Fields) -> bytes:
    lanes = {what[1:]: value for what, value in fields.items() if what[:1] == letter}
    return histogram.packed({int(lane): value for lane, value in lanes.items() if lane.isdecimal()})
