"""How connections to the server are made: by its address, or by what sentinels say of the primary."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import redis
from redis.backoff import NoBackoff
from redis.connection import SSLConnection, parse_url
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

from jobs.conf import Config
from jobs.errors import StoreMisconfigured

SENTINEL_SECONDS: Final = 0.2  # for which one sentinel is waited for before the next is asked
_ELSEWHERE: Final = ("host", "port", "path", "connection_class")  # of an address, where sentinels give the place


class Sentinels(msgspec.Struct, frozen=True):
    """The sentinels that watch a primary: their (host, port), its name among them, their own password."""

    addresses: tuple[tuple[str, int], ...]
    service: str
    password: str | None = msgspec.field(default=None)

    @classmethod
    def of(cls, config: Config) -> Sentinels | None:
        """Those that are configured; None without any."""
        if not config.redis_sentinels:
            return None
        return cls(config.redis_sentinels, config.redis_sentinel_name, config.redis_sentinel_password)


def connections(
    url: str | None, password: str | None, timeout: float, sentinels: Sentinels | None = None
) -> redis.ConnectionPool:
    """A factory of connections; it pools none itself. `timeout` in seconds bounds connecting and each answer.

    With sentinels `url` gives user, password, database and TLS alone. Nothing is repeated: the library's own retries
    are off. Raises StoreMisconfigured for an address that is none.
    """
    options: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "health_check_interval": 0,
        "max_connections": 1 << 30,  # it counts all that were ever made; how many are open is bounded by the client
    }
    if password:
        options["password"] = password
    try:
        if sentinels is None:
            return redis.ConnectionPool.from_url(url or "", **options)
        return _watched(_read(url), options, sentinels)
    except ValueError as error:
        raise StoreMisconfigured(f"REDIS_URL cannot be used: {error}", "url") from error


def channel_host(url: str | None, sentinels: Sentinels | None) -> dict[str, Any]:
    """The same place as a host of channels_redis."""
    if sentinels is None:
        return {"address": url}
    address = _read(url)
    host = {name: value for name, value in address.items() if name not in _ELSEWHERE}
    host |= {"sentinels": list(sentinels.addresses), "master_name": sentinels.service}
    if sentinels.password:
        host["sentinel_kwargs"] = {"password": sentinels.password}
    if address.get("connection_class") is SSLConnection:
        host["ssl"] = True
    return host


def _watched(address: dict[str, Any], options: dict[str, Any], sentinels: Sentinels) -> redis.ConnectionPool:
    own = {name: value for name, value in address.items() if name not in _ELSEWHERE}
    is_tls = address.get("connection_class") is SSLConnection
    asking: dict[str, Any] = {
        "socket_timeout": SENTINEL_SECONDS,
        "socket_connect_timeout": SENTINEL_SECONDS,
        "retry": Retry(NoBackoff(), 0),
    }
    if sentinels.password:
        asking["password"] = sentinels.password
    manager = Sentinel(list(sentinels.addresses), sentinel_kwargs=asking)  # type: ignore[no-untyped-call]
    made: redis.ConnectionPool = SentinelConnectionPool(  # type: ignore[no-untyped-call]
        sentinels.service, manager, ssl=is_tls, **{**own, **options}
    )
    return made


def _read(url: str | None) -> dict[str, Any]:
    read: dict[str, Any] = parse_url(url) if url else {}  # type: ignore[no-untyped-call]
    return read
