"""The nodes of a cluster, and which of them is the primary of a slot now."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any, Final

import redis
from redis.connection import SSLConnection

from .placed import ASK_SECONDS, options

ASK_SECONDS_IN_ALL: Final = 0.3  # after which no further one is asked: the next call goes on with those
Node = tuple[str, int]
Range = tuple[int, int, tuple[Node, ...]]  # the first and last slot, and who serves them: the primary first


class Cluster:
    """Asks nodes in turn: the configured ones, and those that are heard of. Safe for threads.

    A node that does not answer, or says that it does not see the whole cluster, is asked last the next time.
    `own` are options of a connection: user and password.
    """

    def __init__(self, nodes: Sequence[Node], own: dict[str, Any], *, is_tls: bool = False) -> None:
        self._configured = tuple(nodes)
        self._nodes = self._configured
        self._lock = threading.Lock()
        self._kind = SSLConnection if is_tls else redis.Connection
        self._options = own | options(ASK_SECONDS)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Those that are known, in the order in which they are asked."""
        return self._nodes

    def primary(self, slot: int) -> Node:
        """Who serves a slot now. Raises what redis-py does, ClusterDownError where no node knows."""
        failure: Exception = redis.exceptions.ClusterDownError("no primary serves the slot")
        until = monotonic() + ASK_SECONDS_IN_ALL
        for node in self._nodes:
            try:
                ranges = self._ask(node)
            except (redis.RedisError, OSError) as error:
                failure = error
            else:
                self._learn(ranges)
                found = [nodes[0] for first, last, nodes in ranges if first <= slot <= last]
                if found:
                    return found[0]
            self._put_last(node)
            if monotonic() > until:
                break
        raise failure

    def ask_first(self, node: Node) -> None:
        """Ask a node before all others from now on."""
        with self._lock:
            self._nodes = (node, *(each for each in self._nodes if each != node))

    def _ask(self, node: Node) -> list[Range]:
        host, port = node
        connection: Any = self._kind(host=host, port=port, **self._options)
        try:
            connection.connect()
            connection.send_command("CLUSTER", "INFO")
            is_whole = b"cluster_state:ok" in connection.read_response()
            connection.send_command("CLUSTER", "SLOTS")
            replies = connection.read_response()
        finally:
            connection.disconnect()
        if not is_whole:
            raise redis.exceptions.ClusterDownError(f"the cluster is down, says its node {host}:{port}")
        return [_range(reply, host) for reply in replies]

    def _learn(self, ranges: Iterable[Range]) -> None:
        """Keeps the order of those that were known: who failed stays behind."""
        heard = dict.fromkeys(node for _, _, nodes in ranges for node in nodes)
        with self._lock:
            kept = [node for node in self._nodes if node in heard or node in self._configured]
            self._nodes = (*kept, *(node for node in heard if node not in kept))

    def _put_last(self, node: Node) -> None:
        with self._lock:
            self._nodes = (*(each for each in self._nodes if each != node), node)


class PrimaryOf:
    """Finds the primary of one slot, see `placed.Find`."""

    def __init__(self, cluster: Cluster, slot: int) -> None:
        self._cluster = cluster
        self._slot = slot

    def __call__(self) -> Node:
        return self._cluster.primary(self._slot)

    def redirected(self, host: str, port: int) -> None:
        """A node says that it is this one: it knows so itself, and the others may not yet."""
        self._cluster.ask_first((host, port))


def _range(reply: Sequence[Any], asked: str) -> Range:
    """A row of CLUSTER SLOTS. A node that knows no name for another means one at its own."""
    first, last, *nodes = reply
    return first, last, tuple((node[0].decode() if node[0] else asked, node[1]) for node in nodes)
