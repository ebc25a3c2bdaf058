"""What faults happen to: a durable server, a network before it, worker pools, and a steady load."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
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
    `prepare` changes the ground before anything has started, `equip` when the server has; a `feeder` that it sets is
    used. A pool has `workers` workers, and up to `most` where a scaler says so. `hosts`: environments of the pools, in
    turn. Faults last `pace` times as long as they say.
    """

    def __init__(
        self,
        *,
        pools: int = 1,
        rate: float = 300.0,
        workers: int = WORKERS,
        most: int = 0,
        pace: float = 1.0,
        prepare: Callable[[Ground], None] | None = None,
        equip: Callable[[Ground], None] | None = None,
    ) -> None:
        self.server = TestServer(durable=True, settings=LOSES_NOTHING)
        self.dice = random.Random(1)
        self._rate = rate
        self._size = ("--min", str(workers), "--max", str(most or workers))
        self._workers = workers
        self._count = pools
        self._pace = pace
        self._prepare = prepare
        self._equip = equip
        self.stack = ExitStack()
        self.pools: list[Pool] = []
        self.hosts: list[dict[str, str]] = [{}]
        self.site: Site | None = None
        self.feeder: Store | ByRest | None = None
        self.new_scaler: Callable[[], Pool]

    def __enter__(self) -> Self:
        enter = self.stack.enter_context
        enter(closing(self.server))
        if self._prepare is not None:
            self._prepare(self)
        self.server.start()
        assert self.server.address.port is not None
        self.proxy = enter(Proxy(self.server.address.port))
        config = Config()
        self.store = Store.open(replace(config, redis_url=self.server.url))
        if self._equip is not None:
            self._equip(self)
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
        host = self.hosts[len(self.pools) % len(self.hosts)]
        pool = self.stack.enter_context(Pool(self.proxy.url, *self._size, **_SHORT, **host))
        self.pools.append(pool)
        return pool

    def workers(self, *pools: Pool) -> list[psutil.Process]:
        """The worker processes, of some pools or of all, that have a heartbeat."""
        known = {seen.info.pid for seen in self.store.registry.workers() if seen.alive}
        below = [process for pool in pools or self.pools for process in pool.descendants()]
        return [process for process in below if process.pid in known]

    def kill_worker(self, pool: Pool) -> None:
        """SIGKILL to a worker of a pool."""
        found = wait_until(lambda: self.workers(pool))
        with suppress(psutil.NoSuchProcess):
            self.dice.choice(found).kill()

    def lasts(self, seconds: float) -> None:
        """Let the fault last."""
        until = time.monotonic() + seconds * self._pace
        wait_until(lambda: time.monotonic() >= until, seconds + 5)

    def configure(self, **settings: str) -> None:
        """Change settings of the running server."""
        with self.server.client() as client:
            for name, value in settings.items():
                client.config_set(name.replace("_", "-"), value)

    def save_snapshot(self, ends: str) -> None:
        """Let the server save its data, and return when that has ended so: `ok` or `err`."""
        with self.server.client() as client:
            client.bgsave()
            wait_until(lambda: client.info("persistence")["rdb_bgsave_in_progress"] == 0, 30)
            wait_until(lambda: client.info("persistence")["rdb_last_bgsave_status"] == ends, 30)

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
