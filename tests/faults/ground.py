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
import redis

from jobs.conf import Config
from jobs.errors import StoreError
from jobs.store.store import Store
from tests.engine.pools import HANDLERS, Pool
from tests.faults.cgroup import MemoryLimit
from tests.faults.load import Account, Load
from tests.faults.web import ByRest, Site
from tests.support.polling import wait_until
from tests.support.processes import alive
from tests.support.proxy import Proxy
from tests.support.server import TestServer

WORKERS: Final = 2
SETTLE_SECONDS: Final = 60.0
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
    used. A pool has `workers` workers, and up to `workers_most` where a scaler says so. `hosts`: environments of the
    pools, in turn. Faults last `pace` times as long as they say.
    """

    def __init__(
        self,
        *,
        pools: int = 1,
        rate: float = 300.0,
        workers: int = WORKERS,
        workers_most: int = 0,
        pace: float = 1.0,
        prepare: Callable[[Ground], None] | None = None,
        equip: Callable[[Ground], None] | None = None,
    ) -> None:
        self.server = TestServer(durable=True, settings=LOSES_NOTHING)
        self.dice = random.Random(1)
        self._rate = rate
        self._size = ("--min", str(workers), "--max", str(workers_most or workers))
        self._workers = workers
        self._count = pools
        self._pace = pace
        self._prepare = prepare
        self._equip = equip
        self.stack = ExitStack()
        self.pools: list[Pool] = []
        self.hosts: list[dict[str, str]] = [{}]
        self.most: tuple[float, str] = (0.0, "")
        self.limit: MemoryLimit
        self.site: Site | None = None
        self.feeder: Store | ByRest | None = None
        self.new_scaler: Callable[[], Pool]
        self._findings: list[str] = []

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self.stack.close()
            raise
        return self

    def _open(self) -> None:
        enter = self.stack.enter_context
        enter(closing(self.server))
        if self._prepare is not None:
            self._prepare(self)
        self.server.start()
        assert self.server.address.port is not None
        self.proxy = enter(Proxy(self.server.address.port))
        config = Config()
        self.store = enter(closing(Store.open(replace(config, redis_url=self.server.url))))
        if self._equip is not None:
            self._equip(self)
        feeder = self.feeder or Store.open(replace(config, redis_url=self.proxy.url), timeout=1)
        for _ in range(self._count):
            self.start_pool()
        for pool in self.pools:
            pool.await_ready(self._workers)
        self.load = enter(Load(feeder, self.store, self._rate))
        self.load.grows_by(100)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stack.close()

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
        """SIGKILL to a worker of a pool, which has gone then."""
        victim = self.dice.choice(wait_until(lambda: self.workers(pool)))
        victim.kill()
        wait_until(lambda: not alive([victim]))

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

    def tells(self, value: float, words: str) -> None:
        """What a fault has measured beside, for its line: of several times the words of the highest value stay."""
        self.most = max(self.most, (value, words))

    def answer_ms(self) -> float:
        """Milliseconds until the server has answered through the proxy."""
        with redis.Redis.from_url(self.proxy.url) as client:
            client.ping()
            begun = time.monotonic()
            client.ping()
            return (time.monotonic() - begun) * 1000

    def over(self) -> None:
        """The fault has gone."""
        self.load.over()

    def judge(self) -> None:
        """Return when all that the latest fault struck has ended and more has completed, and note what is wrong then.

        Raises AssertionError where that does not come."""
        self.load.settles(SETTLE_SECONDS)
        self.completes(50)
        self._findings += [*self.load.harm(), *self.load.findings()]

    def end(self) -> Account:
        """All is well again: let the load go on a little, stop it, and account."""
        self.load.grows_by(100)
        self.completes()
        self.load.stop()
        account = self.load.account()
        return replace(account, findings=[*self._findings, *account.findings])

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
        wait_until(lambda: process.status() == psutil.STATUS_STOPPED)
        ground.lasts(seconds)
    finally:
        with suppress(psutil.NoSuchProcess):  # its supervisor has replaced it
            process.send_signal(signal.SIGCONT)
