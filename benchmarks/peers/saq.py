"""SAQ: one event loop a process; plain functions run in its thread pool."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from saq import Queue

from benchmarks.peers.async_peer import AsyncPeer, AsyncSend
from benchmarks.peers.base import script
from benchmarks.shape import Shape
from benchmarks.work import Kind, Payload, arun, run, url

SLOTS = 100
SLOTS_VARIABLE = "BENCH_SLOTS"

queue = Queue.from_url(url())


def noop(context: dict[str, Any], *, payload: Payload) -> None:
    """Run the shared work; SAQ passes its own context first."""
    run(payload)


async def anoop(context: dict[str, Any], *, payload: Payload) -> None:
    """Run the shared work on the worker's loop."""
    await arun(payload)


settings = {
    "queue": queue,
    "functions": [(Kind.SYNC.value, noop), (Kind.ASYNC.value, anoop)],
    "concurrency": int(os.environ.get(SLOTS_VARIABLE, SLOTS)),
}


class SaqPeer(AsyncPeer):
    """Drops a job's record as soon as it is done."""

    distributions = ("saq",)
    kinds = (Kind.ASYNC, Kind.SYNC)

    def commands(self, shape: Shape) -> list[list[str]]:
        workers = ["--workers", str(shape.processes), "--quiet"]
        return [[script("saq"), "benchmarks.peers.saq.settings", *workers]]

    def environment(self, shape: Shape) -> dict[str, str]:
        return {SLOTS_VARIABLE: str(shape.slots or SLOTS)}

    def slots(self, shape: Shape) -> int:
        return shape.processes * (shape.slots or SLOTS)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        await queue.connect()
        try:
            yield
        finally:
            await queue.disconnect()

    def sender(self, kind: Kind) -> AsyncSend:
        return lambda payload: queue.enqueue(kind.value, ttl=-1, payload=payload)


PEER = SaqPeer()
