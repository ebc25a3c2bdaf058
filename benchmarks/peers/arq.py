"""arq: one event loop a process, so a worker of many processes is many commands."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from arq import ArqRedis, create_pool, func
from arq.connections import RedisSettings

from benchmarks.peers.async_peer import AsyncPeer, AsyncSend
from benchmarks.peers.base import script
from benchmarks.shape import Shape
from benchmarks.work import Kind, Payload, arun, url

SLOTS = 100
SLOTS_VARIABLE = "BENCH_SLOTS"


async def anoop(context: dict[str, Any], payload: Payload) -> None:
    """Run the shared work; arq passes its own context first."""
    await arun(payload)


class WorkerSettings:
    """What ``arq`` reads; its poll delay is cut from 500 ms to 10 ms so that an idle worker answers at once."""

    functions = [func(anoop, name=Kind.ASYNC.value, keep_result=0)]
    redis_settings = RedisSettings.from_dsn(url())
    max_jobs = int(os.environ.get(SLOTS_VARIABLE, SLOTS))
    keep_result = 0
    poll_delay = 0.01


class ArqPeer(AsyncPeer):
    """Keeps no results; takes coroutines only."""

    distributions = ("arq",)
    kinds = (Kind.ASYNC,)
    pool: ArqRedis

    def commands(self, shape: Shape) -> list[list[str]]:
        return [[script("arq"), "benchmarks.peers.arq.WorkerSettings"]] * shape.processes

    def environment(self, shape: Shape) -> dict[str, str]:
        return {SLOTS_VARIABLE: str(shape.slots or SLOTS)}

    def slots(self, shape: Shape) -> int:
        return shape.processes * (shape.slots or SLOTS)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        self.pool = await create_pool(WorkerSettings.redis_settings)
        try:
            yield
        finally:
            await self.pool.aclose()

    def sender(self, kind: Kind) -> AsyncSend:
        pool = self.pool
        return lambda payload: pool.enqueue_job(kind.value, payload)


PEER = ArqPeer()
