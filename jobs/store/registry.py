"""Who lives: workers and what they are, pools and what is desired of them."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import msgspec

from jobs.errors import StoreSpoilt
from jobs.sharing import shares

from . import tables
from .client import Client
from .keys import Keys

FORGET_AFTER_MS = 600_000
CACHE_SECONDS = 2.0
SUPERVISOR_SILENT_MS = 5000  # after which it counts no more
MOST_SUPERVISORS = 900  # of a pool, as its script takes them


class WorkerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker says of itself with each heartbeat.

    `running`: (job id, type, start in ms of server time). `waiting`: (type, queue, dependency) of jobs that are put off
    while the breaker of something that they depend on is open.
    """

    id: str
    incarnation: str
    pool: str
    host: str
    pid: int
    queues: tuple[str, ...]
    types: tuple[str, ...]
    concurrency: int
    started_ms: int = 0
    status: str = "idle"  # idle, busy, draining
    busy: int = 0
    processed: int = 0
    failed: int = 0
    out_per_second: float = 0.0  # of `processed`, in the last half minute
    rss: int = 0  # bytes
    release: str = ""
    supervisor: str = ""
    running: tuple[tuple[str, str, int], ...] = ()
    waiting: tuple[tuple[str, str, str], ...] = ()


class Seen(msgspec.Struct, frozen=True):
    """A worker and its last heartbeat (ms); `alive` while that is recent."""

    info: WorkerInfo
    heartbeat_ms: int
    alive: bool


class PoolView(msgspec.Struct, frozen=True):
    """The desired count of a pool (None = never set) and its living supervisors, sorted, with their most workers."""

    desired: int | None
    supervisors: tuple[tuple[str, int], ...]


class Registry:
    """Heartbeats in, lists out. A worker without for `silent_ms` is not alive; after ten minutes it is forgotten."""

    def __init__(self, client: Client, keys: Keys, silent_ms: int, offset_ms: int = 0) -> None:
        self._client = client
        self._keys = keys
        self._silent_ms = silent_ms
        self._cached: tuple[float, list[WorkerInfo], dict[str | None, frozenset[str]]] = (-math.inf, [], {})
        self.offset_ms = offset_ms

    def heartbeat(self, info: WorkerInfo) -> int:
        """Says that a worker lives. Returns the server's time in ms."""
        return self._beat(info.id, msgspec.json.encode(info), 1)

    def leave(self, worker: str) -> None:
        """Says that a worker has gone."""
        self._beat(worker, b"", 0)

    def workers(self) -> list[Seen]:
        """All workers with a heartbeat in the last ten minutes, by the last one."""
        ring = (*self._keys.core, self._keys.workers, self._keys.worker_info)
        now, ids, beats, infos = self._client.run("workers", ring, (self.offset_ms, FORGET_AFTER_MS))
        seen = []
        for _, beat, blob in zip(ids, beats, infos, strict=True):
            try:
                info = msgspec.json.decode(blob or b"", type=WorkerInfo)
            except msgspec.MsgspecError:
                continue
            seen.append(Seen(info, int(float(beat)), int(now) - int(float(beat)) <= self._silent_ms))
        return seen

    def known_types(self, queue: str | None = None) -> frozenset[str]:
        """Job types that live workers (of `queue`) announce. At most two seconds old."""
        made, alive, by_queue = self._cached
        if time.monotonic() - made > CACHE_SECONDS:
            alive, by_queue = [seen.info for seen in self.workers() if seen.alive], {}
            self._cached = (time.monotonic(), alive, by_queue)
        if queue not in by_queue:
            serving = (info for info in alive if queue is None or queue in info.queues)
            by_queue[queue] = frozenset(name for info in serving for name in info.types)
        return by_queue[queue]

    def join_pool(self, pool: str, supervisor: str, most: int, least: int = 0, queues: Sequence[str] = ()) -> PoolView:
        """A supervisor says that it lives, keeps `least` workers, can run `most`, and which `queues` they serve.

        Returns what the pool looks like now.
        """
        keys = self._keys
        hosts = (keys.supervisors(pool), keys.supervisor_caps(pool), keys.pools, keys.supervisor_floors(pool))
        ring = (*keys.core, *hosts, keys.pools_heard, keys.supervisor_queues(pool))
        args = (self.offset_ms, pool, supervisor, most, SUPERVISOR_SILENT_MS, least, ",".join(queues))
        desired, ids, caps = self._client.run("pool", ring, args)
        pairs = tuple((raw.decode(errors="replace"), tables.number(cap)) for raw, cap in zip(ids, caps, strict=True))
        return PoolView(tables.number(desired) if desired else None, pairs)

    def most_workers(self, pools: Sequence[str]) -> dict[str, int]:
        """To how many workers pools may grow: what their living supervisors say together.

        A pool of which none is heard is left out, as is one whose keys hold something else.
        """
        try:
            return self._most_workers(pools)
        except StoreSpoilt:
            found = [self.most_workers([pool]) for pool in pools] if len(pools) > 1 else []
            return {name: most for each in found for name, most in each.items()}

    def _most_workers(self, pools: Sequence[str]) -> dict[str, int]:
        reads = [
            command
            for pool in pools
            for command in (
                ("ZRANGE", self._keys.supervisors(pool), 0, MOST_SUPERVISORS - 1, "WITHSCORES"),
                ("HGETALL", self._keys.supervisor_caps(pool)),
            )
        ]
        (seconds, _), *replies = self._client.pipeline([("TIME",), *reads])
        found = {}
        for pool, beats, caps in zip(pools, replies[::2], replies[1::2], strict=True):
            most = tables.numbers(caps)
            if alive := self._alive(beats, int(seconds) * 1000):
                found[pool] = sum(most.get(name, 0) for name in alive)
        return found

    def spoken_for(self) -> dict[str, frozenset[str]]:
        """The pools of which a supervisor was heard lately, with workers or without, and the queues that they serve.

        None where no supervisor says which. Keys that hold something else say nothing.
        """
        try:
            clock, heard = self._client.pipeline([("TIME",), ("HGETALL", self._keys.pools_heard)])
        except StoreSpoilt:
            return {}
        since = tables.milliseconds(clock) + self.offset_ms - SUPERVISOR_SILENT_MS
        pools = sorted(pool for pool, at in tables.numbers(heard).items() if at >= since)
        try:
            return self._served(pools)
        except StoreSpoilt:
            return {pool: self._served_at_best(pool) for pool in pools}

    def _served(self, pools: Sequence[str]) -> dict[str, frozenset[str]]:
        said = self._client.pipeline([("HVALS", self._keys.supervisor_queues(pool)) for pool in pools]) if pools else []
        return {
            pool: frozenset(queue for names in tables.names(found) for queue in names.split(",") if queue)
            for pool, found in zip(pools, said, strict=True)
        }

    def _served_at_best(self, pool: str) -> frozenset[str]:
        try:
            return self._served([pool])[pool]
        except StoreSpoilt:
            return frozenset()

    def heard(self, pools: Sequence[str], now_ms: int) -> dict[str, int]:
        """When a supervisor of some pools was heard last (ms); now where nobody knows, which is kept then."""
        key = self._keys.pools_heard
        noted = [("HSETNX", key, pool, now_ms) for pool in pools]
        *_, found = self._client.pipeline([*noted, ("HMGET", key, *pools)]) if pools else [[]]
        return {pool: tables.number(at, now_ms) for pool, at in zip(pools, found, strict=True)}

    def obeying(self, pool: str, desired: int) -> int:
        """How many workers a pool has that does as it is told: each living supervisor its share, and its fewest."""
        keys = self._keys
        beats = ("ZRANGE", keys.supervisors(pool), 0, MOST_SUPERVISORS - 1, "WITHSCORES")
        facts = [("HGETALL", keys.supervisor_caps(pool)), ("HGETALL", keys.supervisor_floors(pool))]
        (seconds, _), heard, caps, floors = self._client.pipeline([("TIME",), beats, *facts])
        most, least = tables.numbers(caps), tables.numbers(floors)
        alive = self._alive(heard, int(seconds) * 1000)
        taken = shares(desired, [(name, most.get(name, 0)) for name in alive])
        return sum(max(count, least.get(name, 0)) for name, count in taken.items())

    def leave_pool(self, pool: str, supervisor: str) -> None:
        """A supervisor has gone; the others share its workers."""
        self.join_pool(pool, supervisor, -1)

    def set_desired(self, pool: str, workers: int) -> None:
        """How many workers a pool should have in all."""
        self._client.run("desire", (self._keys.pools,), (pool, workers))

    def desired(self) -> dict[str, int]:
        """The desired count of every pool that ever had one."""
        return tables.numbers(self._client.call("HGETALL", self._keys.pools))

    def _alive(self, beats: Sequence[bytes], now_ms: int) -> list[str]:
        """The supervisors that were heard lately, of (name, instant) in a row."""
        since = now_ms + self.offset_ms - SUPERVISOR_SILENT_MS
        pairs = zip(beats[::2], beats[1::2], strict=True)
        return [name.decode(errors="replace") for name, at in pairs if float(at) >= since]

    def _beat(self, worker: str, info: bytes, stays: int) -> int:
        ring = (*self._keys.core, self._keys.workers, self._keys.worker_info)
        return int(self._client.run("heartbeat", ring, (self.offset_ms, worker, info, stays)))
