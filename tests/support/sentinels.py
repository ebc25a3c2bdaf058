"""A primary, its replicas and the sentinels that watch them, all real processes on free ports."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from jobs.conf import Config
from jobs.partitioning import Partitions
from jobs.server.config import Settings
from tests.support.polling import wait_until
from tests.support.ports import server_port
from tests.support.server import TestServer, server_program, takes_writes

SERVICE = "queueflow"
DOWN_AFTER_MS = 500
SYNC_AT_ONCE = {"repl-diskless-sync-delay": "0"}  # a primary waits 5 s for more replicas otherwise


def watching(port: int, *, quorum: int) -> tuple[str, ...]:
    """The directives by which a sentinel watches a primary on this host."""
    return "bind 127.0.0.1", f"sentinel monitor {SERVICE} 127.0.0.1 {port} {quorum}"


def run_sentinel(folder: Path, directives: Sequence[str], program: Path | None = None) -> subprocess.Popen[bytes]:
    """A sentinel with these directives, whose files are in `folder`."""
    own = Path(tempfile.mkdtemp(dir=folder, prefix="sentinel-"))
    config = own / "sentinel.conf"
    config.write_text("\n".join((*directives, f"dir {own}", "")))
    with (own / "sentinel.log").open("ab") as log:
        return subprocess.Popen(
            [program or server_program(), config, "--sentinel"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


class Watched:
    """A primary with `replicas` replicas and three sentinels. `servers` in the order in which they were started."""

    def __init__(self, replicas: int = 1, *, settings: Settings | None = None) -> None:
        more = {**SYNC_AT_ONCE, **(settings or {})}
        self.servers = [TestServer(durable=True, settings=more) for _ in range(1 + replicas)]
        self._folder = Path(tempfile.mkdtemp(prefix="qf-sentinels-"))
        self._sentinels: list[subprocess.Popen[bytes]] = []
        self.addresses: list[tuple[str, int]] = []

    @property
    def setting(self) -> str:
        """REDIS_SENTINELS."""
        return ",".join(f"{host}:{port}" for host, port in self.addresses)

    @property
    def environment(self) -> dict[str, str]:
        """What a process that works on it is given."""
        return {"REDIS_SENTINELS": self.setting, "REDIS_SENTINEL_NAME": SERVICE}

    def config(self, config: Config, partitions: int = 1) -> Config:
        """The configuration of an installation on it."""
        sentinels = tuple(self.addresses)
        return replace(
            config, redis_sentinels=sentinels, redis_sentinel_name=SERVICE, partitions=Partitions(partitions)
        )

    def serves(self, key: str = "") -> bool:
        """Whether the primary takes writes."""
        return takes_writes(self.primary(), key or SERVICE)

    def primary(self, key: str = "") -> TestServer:
        """The server that the sentinels call the primary now."""
        with redis.Redis(*self.addresses[0]) as sentinel:
            port = int(sentinel.sentinel_get_master_addr_by_name(SERVICE)[1])
        return next(server for server in self.servers if server.address.port == port)

    def __enter__(self) -> Self:
        first, *others = self.servers
        first.start()
        for other in others:
            other.settings["replicaof"] = f"127.0.0.1 {first.address.port}"
            other.start()
        for _ in range(3):
            self._watch(first)
        wait_until(lambda: all(self._knows_all(address, len(others)) for address in self.addresses), 30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sentinel in self._sentinels:
            with contextlib.suppress(ProcessLookupError):
                sentinel.send_signal(signal.SIGKILL)
            sentinel.wait(30)
        for server in self.servers:
            server.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _watch(self, primary: TestServer) -> None:
        port = server_port()
        assert primary.address.port is not None
        directives = (
            f"port {port}",
            *watching(primary.address.port, quorum=2),
            f"sentinel down-after-milliseconds {SERVICE} {DOWN_AFTER_MS}",
            f"sentinel failover-timeout {SERVICE} 3000",
        )
        self._sentinels.append(run_sentinel(self._folder, directives))
        self.addresses.append(("127.0.0.1", port))

    def _knows_all(self, address: tuple[str, int], replicas: int) -> bool:
        """The sentinel has seen the replicas and the two other sentinels."""
        try:
            with redis.Redis(*address) as sentinel:
                state = sentinel.sentinel_masters()[SERVICE]
        except (redis.RedisError, KeyError):
            return False
        return bool(state["num-slaves"] == replicas and state["num-other-sentinels"] == 2)
