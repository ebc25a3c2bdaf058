"""Dramatiq: processes of threads; coroutines run on one event loop a process."""

from __future__ import annotations

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware.asyncio import AsyncIO

from benchmarks.peers.base import script
from benchmarks.peers.sync_peer import Send, SyncPeer
from benchmarks.shape import Shape
from benchmarks.work import Kind, arun, run, url

THREADS = 8  # its default

broker = RedisBroker(url=url())
broker.add_middleware(AsyncIO())
dramatiq.set_broker(broker)
ACTORS = {
    Kind.SYNC: dramatiq.actor(run, actor_name=Kind.SYNC.value),
    Kind.ASYNC: dramatiq.actor(arun, actor_name=Kind.ASYNC.value),
}


class DramatiqPeer(SyncPeer):
    """Default middleware, no results."""

    distributions = ("dramatiq",)
    kinds = (Kind.SYNC, Kind.ASYNC)

    def commands(self, shape: Shape) -> list[list[str]]:
        size = ["-p", str(shape.processes), "-t", str(shape.slots or THREADS)]
        return [[script("dramatiq"), "benchmarks.peers.dramatiq", *size]]

    def slots(self, shape: Shape) -> int:
        return shape.processes * (shape.slots or THREADS)

    def sender(self, kind: Kind) -> Send:
        send: Send = ACTORS[kind].send
        return send


PEER = DramatiqPeer()
