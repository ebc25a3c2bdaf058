"""How connections to a server are made: by its address, or by what sentinels or a cluster say of the primary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import redis
from redis.connection import SSLConnection, parse_url
from redis.crc import key_slot

from jobs.conf import Config
from jobs.errors import StoreMisconfigured

from .cluster import Cluster, PrimaryOf
from .placed import Find, Placed, PlacedByTls, credentials, options
from .sentinels import Sentinels

_ELSEWHERE: Final = ("host", "port", "path", "connection_class")  # of an address, where others give the place


def connections(
    url: str | None, password: str | None, timeout: float, find: Find | None = None
) -> redis.ConnectionPool:
    """A factory of connections; it pools none itself. `timeout` in seconds bounds connecting and each answer.

    Where there is `find`, each connection asks it for its place, and `url` gives user, password, database and TLS
    alone. Nothing is repeated: the library's own retries are off. Raises StoreMisconfigured for an address that is
    none.
    """
    given = options(timeout, password) | {
        "health_check_interval": 0,
        "max_connections": 1 << 30,  # it counts all that were ever made; how many are open is bounded by the client
    }
    if find is not None:
        own, is_tls = address_of(url)
        return redis.ConnectionPool(PlacedByTls if is_tls else Placed, find=find, **(given | own))
    try:
        return redis.ConnectionPool.from_url(url or "", **given)
    except ValueError as error:
        raise _unusable(error) from error


def address_of(url: str | None) -> tuple[dict[str, Any], bool]:
    """What an address says besides the place, as options of a connection, and whether it wants TLS."""
    try:
        read: dict[str, Any] = parse_url(url) if url else {}  # type: ignore[no-untyped-call]
    except ValueError as error:
        raise _unusable(error) from error
    own = {name: value for name, value in read.items() if name not in _ELSEWHERE}
    return own, read.get("connection_class") is SSLConnection


def finders(config: Config, prefixes: Sequence[str]) -> list[Find | None]:
    """What finds the primary of each partition, by the prefix of its keys; None where its address is known."""
    if config.redis_cluster_nodes:
        own, is_tls = address_of(config.redis_url)
        cluster = Cluster(config.redis_cluster_nodes, credentials(config.redis_password) | own, is_tls=is_tls)
        return [PrimaryOf(cluster, key_slot(prefix.encode())) for prefix in prefixes]
    sentinels = Sentinels.of(config)
    return [None if sentinels is None else sentinels.primary] * len(prefixes)


def _unusable(error: ValueError) -> StoreMisconfigured:
    return StoreMisconfigured(f"REDIS_URL cannot be used: {error}", "url")
