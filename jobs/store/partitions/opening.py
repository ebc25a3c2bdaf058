"""Opens a store as the configuration has it: one partition, or all of them."""

from __future__ import annotations

from dataclasses import replace

from jobs.circuit import Breaker
from jobs.conf import Config
from jobs.errors import StoreUnavailable
from jobs.store.breaking import store_breaker
from jobs.store.client import Client
from jobs.store.connecting import Sentinels
from jobs.store.store import Store

from .store import SpreadStore


def open_store(config: Config, timeout: float, most: int, offset_ms: int, breaker: Breaker | None) -> Store:
    """A store on the configured servers, or on the one that runs embedded in this checkout; see `Store.open`."""
    partitions = config.partitions
    if not config.is_tagged:
        return Store(_client(config, _url(config, timeout), timeout, most, breaker), config, offset_ms)
    urls = partitions.urls or (_url(config, timeout),)
    clients = [_client(config, url, timeout, most, breaker if at == 0 else None) for at, url in enumerate(urls)]
    shared = _shared(config)
    parts = [
        Store(clients[number % len(clients)], shared, offset_ms, tagged(config.prefix, number))
        for number in range(partitions.count)
    ]
    return SpreadStore(parts, config) if len(parts) > 1 else parts[0]


def tagged(prefix: str, number: int) -> str:
    """The prefix of a partition's keys: in braces, by which a cluster keeps them together."""
    return f"{{{prefix.rstrip(':')}:{number}}}:"


def _shared(config: Config) -> Config:
    """The configuration of one partition: of what is kept, each has its share."""
    count = config.partitions.count

    def share(most: int) -> int:
        return -(-most // count)

    return replace(
        config,
        retention_max=share(config.retention_max),
        retention_max_bytes=share(config.retention_max_bytes),
        dlq_max=share(config.dlq_max),
    )


def _client(config: Config, url: str | None, timeout: float, most: int, breaker: Breaker | None) -> Client:
    return Client(
        url,
        password=config.redis_password,
        timeout=timeout,
        most=most,
        breaker=breaker or store_breaker(config),
        sentinels=Sentinels.of(config),
    )


def _url(config: Config, timeout: float) -> str | None:
    if not config.is_embedded:
        return config.redis_url
    from jobs.server.discovery import find_server

    url = find_server(config.var_dir, min(timeout, 1.0))
    if url is None:
        raise StoreUnavailable("no REDIS_URL is set and no embedded server answers here: start one with `manage.py up`")
    return url
