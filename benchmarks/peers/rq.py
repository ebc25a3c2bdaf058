"""RQ: a pool of SimpleWorkers, which do not fork for each job."""

from __future__ import annotations

from redis import Redis
from rq import Queue

from benchmarks.peers.base import script
from benchmarks.peers.sync_peer import Send, SendMany, SyncPeer
from benchmarks.shape import Shape
from benchmarks.work import Kind, Payload, arun, run, url

FUNCTIONS = {Kind.SYNC: run, Kind.ASYNC: arun}


class RqPeer(SyncPeer):
    """Keeps no results. One job a process at a time, whatever is asked; a coroutine gets a loop of its own."""

    distributions = ("rq",)
    kinds = (Kind.SYNC, Kind.ASYNC)
    bulk = "enqueue_many"

    def commands(self, shape: Shape) -> list[list[str]]:
        pool = [script("rq"), "worker-pool", "-n", str(shape.processes)]
        return [[*pool, "-w", "rq.SimpleWorker", "-u", url(), "-q"]]

    def slots(self, shape: Shape) -> int:
        return shape.processes

    def sender(self, kind: Kind) -> Send:
        queue, function = self._queue(), FUNCTIONS[kind]

        def send(payload: Payload) -> None:
            queue.enqueue(function, payload, result_ttl=0)

        return send

    def bulk_sender(self, kind: Kind) -> SendMany:
        queue, function = self._queue(), FUNCTIONS[kind]

        def send(payloads: list[Payload]) -> None:
            queue.enqueue_many([Queue.prepare_data(function, (payload,), result_ttl=0) for payload in payloads])

        return send

    def _queue(self) -> Queue:
        return Queue(connection=Redis.from_url(url()))


PEER = RqPeer()
