"""The network between workers and the store fails: connections break, stall, are swallowed. Nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from jobs.conf import Config
from jobs.store.store import Store
from tests.engine.pools import Pool
from tests.faults.load import Account, Load
from tests.support.polling import wait_until
from tests.support.proxy import Proxy
from tests.support.server import TestServer

POOL = ("--min", "2", "--max", "2")
SHORT = {"LEASE_SECONDS": "2", "HEARTBEAT_SECONDS": "0.5"}


@pytest.fixture
def proxy(mortal_server: TestServer) -> Iterator[Proxy]:
    """Give a network between it and whoever takes this way."""
    assert mortal_server.address.port is not None
    with Proxy(mortal_server.address.port) as made:
        yield made


@pytest.fixture
def store(mortal_server: TestServer, config: Config) -> Iterator[Store]:
    """Give the store by the way that does not fail."""
    made = Store.open(replace(config, redis_url=mortal_server.url))
    yield made
    made.close()


def completes(account: Account) -> bool:
    """Everything that was accepted has completed once, and the store is whole."""
    assert account.is_clean, account
    return account.completed == account.accepted


@pytest.mark.slow
def test_connections_that_break_under_load_lose_and_double_nothing(proxy: Proxy, store: Store, config: Config) -> None:
    through = Store.open(replace(config, redis_url=proxy.url), timeout=1)
    with Pool(proxy.url, *POOL, **SHORT) as pool, Load(through, store) as load:
        pool.await_ready(2)
        load.grows_by(100)
        cut = 0
        for number in range(12):
            cut += proxy.cut(by_reset=number % 2 == 0)
            load.grows_by(25)
        load.grows_by(100)
        load.stop()
        account = load.account()
    assert cut > 30
    assert completes(account)
    assert account.refusals > 0


@pytest.mark.slow
def test_a_partition_beyond_the_lease_gives_the_jobs_to_others_and_records_each_once(
    proxy: Proxy, mortal_server: TestServer, store: Store
) -> None:
    direct = Pool(mortal_server.url, *POOL, **SHORT)
    with Pool(proxy.url, *POOL, **SHORT) as far, direct as near, Load(store, store) as load:
        far.await_ready(2)
        near.await_ready(2)
        load.grows_by(200)
        proxy.swallowing = True
        reaped = store.reader.totals().get("reaped", 0)
        wait_until(lambda: store.reader.totals().get("reaped", 0) > reaped, 15)
        load.grows_by(200)
        proxy.heal()
        load.grows_by(200)
        wait_until(lambda: sum(seen.alive for seen in store.registry.workers()) == 4, 15)
        load.stop()
        account = load.account()
    assert completes(account)


@pytest.mark.slow
def test_a_slow_network_is_slow_and_no_more(proxy: Proxy, store: Store) -> None:
    proxy.delay = 0.1
    with Pool(proxy.url, *POOL) as pool, Load(store, store, rate=100) as load:
        pool.await_ready(2)
        load.grows_by(200)
        load.stop()
        account = load.account()
    assert completes(account)
    released = store.reader.totals().get("released", 0)  # what slow jobs kept waiting went to others
    assert account.executions == account.accepted + released
