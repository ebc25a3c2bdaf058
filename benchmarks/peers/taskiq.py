"""Taskiq on a Redis stream: one event loop a process; plain functions run in its thread pool."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from taskiq_redis import RedisStreamBroker

from benchmarks.peers.async_peer import AsyncPeer, AsyncSend
from benchmarks.peers.base import script
from benchmarks.shape import Shape
from benchmarks.work import Kind, arun, run, url

SLOTS = 100  # its default

broker = RedisStreamBroker(url=url())
TASKS = {
    Kind.SYNC: broker.register_task(run, task_name=Kind.SYNC.value),
    Kind.ASYNC: broker.register_task(arun, task_name=Kind.ASYNC.value),
}


class TaskiqPeer(AsyncPeer):
    """The stream broker, which acknowledges when a job has run; no results."""

    distributions = ("taskiq", "taskiq-redis")
    kinds = (Kind.ASYNC, Kind.SYNC)

    def commands(self, shape: Shape) -> list[list[str]]:
        size = ["--workers", str(shape.processes), "--max-async-tasks", str(shape.slots or SLOTS)]
        # Without --no-parse it would check each payload with pydantic, which no other subject does here.
        quick = ["--no-parse", "--log-level", "ERROR"]
        return [[script("taskiq"), "worker", "benchmarks.peers.taskiq:broker", *size, *quick]]

    def slots(self, shape: Shape) -> int:
        return shape.processes * (shape.slots or SLOTS)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        await broker.startup()
        try:
            yield
        finally:
            await broker.shutdown()

    def sender(self, kind: Kind) -> AsyncSend:
        return TASKS[kind].kiq


PEER = TaskiqPeer()
