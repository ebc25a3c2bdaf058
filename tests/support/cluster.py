"""A cluster of primaries with a replica each, all real servers on free ports."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import redis
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from jobs.conf import Config
from jobs.partitioning import Partitions
from jobs.server.config import Settings
from tests.support.polling import wait_until
from tests.support.ports import server_port
from tests.support.sentinels import SYNC_AT_ONCE
from tests.support.server import TestServer, takes_writes

NODE_TIMEOUT_MS: Final = 1000
_SETTINGS: Final = {
    "cluster-enabled": "yes",
    "cluster-node-timeout": str(NODE_TIMEOUT_MS),
    "cluster-require-full-coverage": "no",
    **SYNC_AT_ONCE,
}


class ServerCluster:
    """`primaries` nodes with `replicas` replicas each; a context. `servers` in the order in which they were started."""

    def __init__(
        self, primaries: int = 3, replicas: int = 1, *, settings: Settings | None = None, program: Path | None = None
    ) -> None:
        self._primaries = primaries
        self.servers = [
            TestServer(
                durable=True,
                settings={**_SETTINGS, "cluster-port": str(server_port()), **(settings or {})},
                program=program,
            )
            for _ in range(primaries * (1 + replicas))
        ]

    @property
    def nodes(self) -> tuple[tuple[str, int], ...]:
        """The addresses of all nodes."""
        return tuple(("127.0.0.1", _port(server)) for server in self.servers)

    @property
    def setting(self) -> str:
        """REDIS_CLUSTER_NODES."""
        return ",".join(f"{host}:{port}" for host, port in self.nodes)

    @property
    def environment(self) -> dict[str, str]:
        """What a process that works on it is given."""
        return {"REDIS_CLUSTER_NODES": self.setting}

    def config(self, config: Config, partitions: int = 1) -> Config:
        """The configuration of an installation on it."""
        return replace(config, redis_cluster_nodes=self.nodes, partitions=Partitions(partitions))

    def primary(self, key: str) -> TestServer:
        """The server that the others call the primary of a key's slot now."""
        slot = key_slot(key.encode())
        for server in self.servers:
            with contextlib.suppress(redis.RedisError), server.client(socket_timeout=0.5) as client:
                if client.cluster("INFO")["cluster_state"] != "ok":
                    continue
                for first, last, node, *_ in client.cluster("SLOTS"):
                    if first <= slot <= last:
                        return self._at(node[1])
        raise AssertionError(f"nobody serves slot {slot}")

    def serves(self, key: str) -> bool:
        """Whether the primary of a key's slot takes writes."""
        try:
            return takes_writes(self.primary(key), key)
        except AssertionError:
            return False

    def lose(self, key: str) -> TestServer:
        """Kill the primary of a key's slot, and return it when another server has its place."""
        lost = self.primary(key)
        lost.kill()
        wait_until(lambda: self.serves(key) and self.primary(key) is not lost, 30)
        return lost

    def replicas(self, server: TestServer) -> int:
        """How many replicas of a primary follow it closely."""
        with server.client() as client:
            return int(client.info("replication")["connected_slaves"])

    def __enter__(self) -> Self:
        for server in self.servers:
            server.launch()
        for server in self.servers:
            server.await_ready()
        self._introduce()
        wait_until(lambda: all(self._is_whole(server) for server in self.servers), 60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self.servers:
            server.close()

    def _introduce(self) -> None:
        """Give the slots to the first servers, make all known to each other, and the rest replicas in turn."""
        clients = [server.client() for server in self.servers]
        step = -(-REDIS_CLUSTER_HASH_SLOTS // self._primaries)
        for number in range(self._primaries):
            last = min((number + 1) * step, REDIS_CLUSTER_HASH_SLOTS) - 1
            clients[number].execute_command("CLUSTER", "ADDSLOTSRANGE", number * step, last)
            clients[number].execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for other in self.servers[1:]:
            bus = other.settings["cluster-port"]
            clients[0].execute_command("CLUSTER", "MEET", "127.0.0.1", _port(other), bus)
        wait_until(lambda: all(_known(client) == len(clients) for client in clients), 30)
        names = [client.execute_command("CLUSTER", "MYID").decode() for client in clients]
        for number, client in enumerate(clients[self._primaries :]):
            client.execute_command("CLUSTER", "REPLICATE", names[number % self._primaries])
        for client in clients:
            client.close()

    def _is_whole(self, server: TestServer) -> bool:
        """It sees all slots served and all replicas, and follows its primary if it has one."""
        with server.client() as client:
            role: list[Any] = client.role()
            state = client.cluster("INFO")["cluster_state"]
            replicas = sum(b"slave" in line.split()[2] for line in _lines(client))
        follows = role[0] == b"master" or role[3] == b"connected"
        return state == "ok" and follows and replicas == len(self.servers) - self._primaries

    def _at(self, port: int) -> TestServer:
        return next(server for server in self.servers if _port(server) == port)


def _port(server: TestServer) -> int:
    assert server.address.port is not None
    return server.address.port


def _known(client: redis.Redis) -> int:
    return sum(b"handshake" not in line for line in _lines(client))


def _lines(client: redis.Redis) -> list[bytes]:
    """CLUSTER NODES."""
    connection = client.connection_pool.get_connection()
    try:
        connection.send_command("CLUSTER", "NODES")
        return list(connection.read_response().splitlines())
    finally:
        client.connection_pool.release(connection)
