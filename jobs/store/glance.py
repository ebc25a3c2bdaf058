"""Everything a live view shows, in few round trips: for one who looks several times a second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from jobs.states import State
from jobs.types import JobRecord, Priority

from . import codec, tables
from .browser import Row
from .client import Client
from .keys import SOME_TYPE, Keys
from .pace import BUCKET_MS, MOVES, Pace, pace_of
from .queue_view import COUNTED, QueueView

RATED: Final = 6  # whole buckets of ten seconds that a rate is about
LINES_A_SCRIPT: Final = 300
INDEXED: Final = (State.SCHEDULED, State.ACTIVE, State.RETRYING, State.COMPLETED, State.DEAD, State.CANCELLED)

Bucket = dict[str, int]
Records = dict[str, JobRecord | None]  # None for those that cannot be decoded


class Figures(msgspec.Struct, frozen=True):
    """The whole installation at one instant. `states` by wire word, `recent` the last whole buckets, oldest first.

    `rows` are the newest jobs, latest first, as many as were asked for. `running` is the bucket that is not over, with
    what MOVES names. `since`: when queues were paused (ms), where that is known.
    """

    now_ms: int
    states: dict[str, int]
    totals: dict[str, int]
    paused: frozenset[str]
    recent: list[Bucket]
    queues: list[QueueView]
    rows: list[Row]
    running: Bucket = {}
    since: dict[str, int] = {}

    def lately(self, queue: str, what: str) -> int:
        """How often something happened to jobs of a queue in the last minute, and since."""
        return sum(bucket.get(f"{queue}|{what}", 0) for bucket in (*self.recent, self.running))

    def rate(self, *whats: str) -> float:
        """How often a second something happened in the last minute, over all queues."""
        found = sum(n for bucket in self.recent for field, n in bucket.items() if field.rpartition("|")[2] in whats)
        return found * 1000 / (RATED * BUCKET_MS)


class Glance:
    """Looks at an installation as a whole, in three round trips; one more for a bucket that has just ended.

    Remembers buckets that are over.
    """

    def __init__(self, client: Client, keys: Keys, offset_ms: int = 0) -> None:
        self._client = client
        self._keys = keys
        self._closed: dict[int, Bucket] = {}
        self.offset_ms = offset_ms

    def figures(self, newest: int = 0) -> Figures:
        """What there is now, with the `newest` latest jobs. Raises StoreError."""
        keys = self._keys
        hashes = [("HGETALL", name) for name in (keys.stats, keys.counts, keys.paused)]
        plain = [("TIME",), ("HKEYS", keys.queues), ("ZRANGE", keys.created, 0, max(newest, 1) - 1, "REV")]
        sizes = [("ZCARD", keys.of_state(state)) for state in INDEXED]
        time, names, ids, stats, counts, paused, *sized = self._client.pipeline([*plain, *hashes, *sizes])
        now = tables.milliseconds(time) + self.offset_ms
        queues = sorted({"default", *tables.names(names)})
        gauges, stopped = tables.numbers(counts), frozenset(tables.names(paused[::2])) - {SOME_TYPE}
        since = tables.numbers(paused)
        lines, recent = self._lines(queues, now)
        newest_ids = [tables.id_of(raw) for raw in ids] if newest else []
        heads = [head for _, heads in lines for head in heads]
        running, records = self._rest(now // BUCKET_MS, queues, [*newest_ids, *heads])
        paces = [pace_of(name, recent, running, now % BUCKET_MS) for name in queues]
        pauses = [since.get(name, 0) if name in stopped else None for name in queues]
        views = [
            _view(name, *line, gauges=gauges, paused=pause, records=records, now=now, pace=pace)
            for name, line, pause, pace in zip(queues, lines, pauses, paces, strict=True)
        ]
        held = sum(view.counts["held"] for view in views)
        pending = sum(sum(view.depth.values()) for view in views) + held
        states = {state.label: size for state, size in zip(INDEXED, sized, strict=True)}
        return Figures(
            now, {**states, "pending": pending, "blocked": 0}, tables.numbers(stats), stopped, recent, views,
            [Row(job_id, records[job_id]) for job_id in newest_ids if job_id in records], running,
            {name: since[name] for name in stopped if name in since},
        )  # fmt: skip

    def _lines(self, queues: Sequence[str], now: int) -> tuple[list[tuple[list[int], list[str]]], list[Bucket]]:
        """Of each queue the depths and the first ids by priority; and the last whole buckets."""
        current = now // BUCKET_MS
        wanted = range(current - RATED, current)
        known = self._closed  # others may look at the same time, at other buckets
        closed = {number: known[number] for number in wanted if number in known}
        missing = [number for number in wanted if number not in closed]
        if missing:
            replies = self._client.pipeline([("HGETALL", f"{self._keys.series}{number}") for number in missing])
            closed |= {number: tables.numbers(pairs) for number, pairs in zip(missing, replies, strict=True)}
        self._closed = closed
        indexes = [self._keys.pending(name, priority) for name in queues for priority in Priority]
        starts = range(0, len(indexes), LINES_A_SCRIPT)
        fronts = self._client.run_all([("fronts", indexes[at : at + LINES_A_SCRIPT], ()) for at in starts])
        found = [entry for front in fronts for entry in front]
        lines = [
            (found[at : at + 6 : 2], [tables.id_of(head) for head in found[at + 1 : at + 6 : 2] if head])
            for at in range(0, len(found), 6)
        ]
        return lines, [closed[number] for number in wanted]

    def _rest(self, current: int, queues: Sequence[str], ids: Sequence[str]) -> tuple[Bucket, Records]:
        """What moved in the bucket that is not over; and the records of jobs that are there."""
        fields = [f"{name}|{what}" for name in queues for what in MOVES]
        wanted = [("HMGET", f"{self._keys.series}{current}", *fields)]
        counted, *packed = self._client.pipeline([*wanted, *([("HMGET", self._keys.metadata, *ids)] if ids else [])])
        found = zip(fields, counted, strict=True)
        running = {field: int(value) for field, value in found if value is not None and tables.is_number(value)}
        pairs = zip(ids, packed[0] if packed else [], strict=True)
        return running, {job_id: codec.readable_record(job_id, blob) for job_id, blob in pairs if blob is not None}


def _view(
    name: str,
    depths: Sequence[int],
    heads: Sequence[str],
    *,
    gauges: Bucket,
    paused: int | None,
    records: Records,
    now: int,
    pace: Pace,
) -> QueueView:
    ready = [record.ready_at for head in heads if (record := records.get(head))]
    return QueueView(
        name=name,
        depth={priority.label: depth for priority, depth in zip(Priority, depths, strict=True)},
        counts={what: gauges.get(f"{name}|{what}", 0) for what in COUNTED},
        paused=paused is not None,
        paused_since=paused or 0,
        oldest_ms=max(0, now - min(ready)) if ready else 0,
        in_per_second=pace.arriving,
        out_per_second=pace.leaving,
        rated=pace.known,
    )
