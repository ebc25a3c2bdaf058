"""Opens a store as the configuration has it: one partition, or all of them."""

from __future__ import annotations

from dataclasses import replace

from jobs.circuit import Breaker
from jobs.conf import Config
from jobs.errors import StoreUnavailable
from jobs.store.breaking import server_name, store_breaker
from jobs.store.client import Client
from jobs.store.connecting import finders
from jobs.store.keys import tagged
from jobs.store.placed import Find
from jobs.store.store import Store

from .guarded import Expected, GuardedClient
from .store import SpreadStore


def open_store(config: Config, timeout: float, most: int, offset_ms: int, breaker: Breaker | None) -> Store:
    """A store on the configured servers, or on the one that runs embedded in this checkout; see `Store.open`."""
    partitions = config.partitions
    prefixes = [tagged(config.prefix, number) for number in range(partitions.count)] if config.is_tagged else [""]
    urls = partitions.urls or (_url(config, timeout),)
    finds = finders(config, prefixes)
    own = max(len(urls), len(prefixes) if config.redis_cluster_nodes else 1)  # how many clients there have to be
    clients = [
        _client(config, at, own, urls[at % len(urls)], finds[at], timeout, most, breaker if at == 0 else None)
        for at in range(own)
    ]
    if not config.is_tagged:
        return Store(clients[0], config, offset_ms)
    shared = _shared(config)
    parts = [Store(clients[at % own], shared, offset_ms, prefix) for at, prefix in enumerate(prefixes)]
    return SpreadStore(parts, config) if len(parts) > 1 else parts[0]


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


def _client(
    config: Config, at: int, of: int, url: str | None, find: Find | None, timeout: float, most: int,
    breaker: Breaker | None,
) -> Client:  # fmt: skip
    """One of so many clients: that of each so-many-th partition."""
    return GuardedClient(
        url,
        expected=_expected(config, at, of),
        password=config.redis_password,
        timeout=timeout,
        most=most,
        breaker=breaker or store_breaker(config, server_name(at), timeout=timeout),
        find=find,
    )


def _expected(config: Config, at: int, of: int) -> Expected:
    count = config.partitions.count
    if not config.is_tagged:
        return Expected(config.prefix, count)
    own = tuple(range(at, count, of))
    has_own_server = bool(config.partitions.urls)
    elsewhere = tuple(number for number in range(count) if number not in own) if has_own_server else ()
    return Expected(config.prefix, count, own, elsewhere, spread=not config.redis_cluster_nodes)


def _url(config: Config, timeout: float) -> str | None:
    if not config.is_embedded:
        return config.redis_url
    from jobs.server.discovery import find_server

    url = find_server(config.var_dir, min(timeout, 1.0))
    if url is None:
        raise StoreUnavailable("no REDIS_URL is set and no embedded server answers here: start one with `manage.py up`")
    return url
