"""What faults happen to: a durable server, a network before it, worker pools, and a steady load."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

import psutil

from jobs.conf import Config
from jobs.errors import StoreError
from jobs.store.store import Store
from tests.engine.pools import HANDLERS, Pool
from tests.faults.load import Account, Load
from tests.faults.web import ByRest, Site
from tests.support.polling import wait_until
from tests.support.proxy import Proxy
from tests.support.server import TestServer

WORKERS: Final = 2
LOSES_NOTHING: Final = {"appendfsync": "always"}
_SHORT: Final = {
    "LEASE_SECONDS": "2",
    "HEARTBEAT_SECONDS": "0.5",
    "QUEUEFLOW_HANDLERS": f"{HANDLERS},tests.faults.handlers",
}


class Ground:
    """One server and `pools` pools of two workers under `rate` jobs a second; a context.

    Pools and load go through the proxy, `store` does not. The server writes each command to its disk before it answers.
    `prepare` changes the ground before anything has started; a `site` or `feeder` that it sets is used.
    """

    def __init__(
        self,
        *,
        pools: int = 1,
        rate: float = 300.0,
        workers: int = WORKERS,
        prepare: Callable[[Ground], None] | None = None,
    ) -> None:
        self.server = TestServer(durable=True, settings=LOSES_NOTHING)
        self.dice = random.Random(1)
        self._rate = rate
        self._size = ("--min", str(workers), "--max", str(workers))
        self._workers = workers
        self._count = pools
        self._prepare = prepare
        self.stack = ExitStack()
        self.pools: list[Pool] = []
        self.site: Site | None = None
        self.feeder: Store | ByRest | None = None

    def __enter__(self) -> Self:
        enter = self.stack.enter_context
        enter(closing(self.server))
        if self._prepare is not None:
            self._prepare(self)
        self.server.start()
        if self.site is not None:
            self.site.open()
        assert self.server.address.port is not None
        self.proxy = enter(Proxy(self.server.address.port))
        config = Config()
        self.store = Store.open(replace(config, redis_url=self.server.url))
        feeder = self.feeder or Store.open(replace(config, redis_url=self.proxy.url), timeout=1)
        for _ in range(self._count):
            self.start_pool()
        for pool in self.pools:
            pool.await_ready(self._workers)
        self.load = enter(Load(feeder, self.store, self._rate))
        self.load.grows_by(100)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stack.close()
        self.store.close()

    def start_pool(self) -> Pool:
        """Start one more pool, and return at once."""
        pool = self.stack.enter_context(Pool(self.proxy.url, *self._size, **_SHORT))
        self.pools.append(pool)
        return pool

    def workers(self) -> list[psutil.Process]:
        """The worker processes that have a heartbeat."""
        known = {seen.info.pid for seen in self.store.registry.workers() if seen.alive}
        below = [process for pool in self.pools for process in pool.descendants()]
        return [process for process in below if process.pid in known]

    def lasts(self, seconds: float) -> None:
        """Let the fault last."""
        until = time.monotonic() + seconds
        wait_until(lambda: time.monotonic() >= until, seconds + 5)

    def configure(self, **settings: str) -> None:
        """Change settings of the running server."""
        with self.server.client() as client:
            for name, value in settings.items():
                client.config_set(name.replace("_", "-"), value)

    def completes(self, jobs: int = 100, seconds: float = 30.0) -> None:
        """Return when so many more jobs have completed."""
        wanted = wait_until(self._completed, seconds) + jobs
        wait_until(lambda: self._completed() >= wanted, seconds)

    def end(self) -> Account:
        """All is well again: let the load go on a little, stop it, and account."""
        self.load.grows_by(100)
        self.completes()
        self.load.stop()
        return self.load.account()

    def _completed(self) -> int:
        """0 while the store does not answer."""
        try:
            return self.store.reader.totals().get("completed", 0)
        except StoreError:
            return 0


def stop_and_go(process: psutil.Process, ground: Ground, seconds: float) -> None:
    """Freeze a process for so long."""
    process.send_signal(signal.SIGSTOP)
    try:
        ground.lasts(seconds)
    finally:
        process.send_signal(signal.SIGCONT)
