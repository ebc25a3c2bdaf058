"""A process that takes the number of partitions for another one is told so before it does harm."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest

from jobs.conf import Config
from jobs.errors import ConfigError, StoreMisconfigured
from jobs.partitioning import Partitions
from jobs.spread import demand_spread
from jobs.store.store import Store
from tests.support.jobs import request
from tests.support.partitions import Installation
from tests.support.server import TestServer

Use = Callable[[Partitions], None]


@pytest.fixture
def use(store_url: str, config: Config) -> Use:
    """Return a function that puts a job where a process with this number of partitions would."""

    def enqueue(partitions: Partitions) -> None:
        url = None if partitions.urls else store_url
        with closing(Store.open(replace(config, redis_url=url, partitions=partitions))) as store:
            for part in store.parts:
                part.browser.ping()
            store.producer.enqueue([request("order-1")])

    return enqueue


def test_the_same_number_is_as_before(use: Use) -> None:
    use(Partitions(3))
    use(Partitions(3))


@pytest.mark.parametrize("other", [1, 2, 4])
def test_another_number_is_refused(use: Use, other: int) -> None:
    use(Partitions(3))
    words = rf"QUEUEFLOW_PARTITIONS asks for {other} partitions?, but the jobs of this store are spread over 3: set it"
    with pytest.raises(StoreMisconfigured, match=words) as refused:
        use(Partitions(other))
    assert (refused.value.kind, refused.value.retry_after) == ("other_partitions", 30)


def test_jobs_that_are_not_spread_are_in_the_way(use: Use) -> None:
    use(Partitions())
    with pytest.raises(StoreMisconfigured, match="this store has jobs that are not spread: unset it, or empty"):
        use(Partitions(3))
    use(Partitions())


def test_servers_keep_their_order(use: Use, store_url: str, other_server: TestServer) -> None:
    other_server.flush()
    urls = (store_url, other_server.url)
    use(Partitions(2, urls))
    use(Partitions(2, urls))
    with pytest.raises(StoreMisconfigured, match="is that of partition 1: name them in the order that they had"):
        use(Partitions(2, urls[::-1]))


def test_a_connection_of_ones_own_is_guarded_too(use: Use, store_url: str, config: Config) -> None:
    use(Partitions(3))
    other = replace(config, redis_url=store_url, partitions=Partitions(2))
    with closing(Store.open(other)) as store:
        channel = store.parts[1].client.channel()
        for _ in range(2):
            with pytest.raises(StoreMisconfigured, match="are spread over 3"):
                channel.call("ECHO", "hello")
        with pytest.raises(StoreMisconfigured, match="are spread over 3"):
            store.parts[1].consumer("w", "0" * 16, "c").claim([("default", 1)], 1)
        assert not store.client.breaker.troubled


def test_a_server_that_has_lost_everything_is_told_again_by_the_next_connection(
    three: Installation, redis_server: TestServer
) -> None:
    client = three.store.client
    client.call("ECHO", "hello")
    redis_server.flush()
    client.close()
    client.call("ECHO", "hello")
    assert [client.call("GET", part.keys.partitions) for part in three.store.parts] == [b"3"] * 3


def test_a_process_that_starts_looks_at_each_server_that_is_there(
    store_url: str, other_server: TestServer, gone_url: str, config: Config
) -> None:
    other_server.flush()
    two = Partitions(2, (store_url, other_server.url))
    with closing(Store.open(replace(config, redis_url=None, partitions=two))) as store:
        store.reader.state_counts()
    gone = replace(config, redis_url=None, partitions=Partitions(3, (gone_url, other_server.url, store_url)))
    with pytest.raises(ConfigError, match="are spread over 2: set it to 2"):
        demand_spread(gone)
    assert demand_spread(replace(gone, partitions=Partitions(2, (gone_url, other_server.url)))) is not None


def test_a_connection_looks_once(three: Installation) -> None:
    client = three.store.client
    client.call("CONFIG", "RESETSTAT")
    three.store.reader.now_ms()
    stats = client.call("INFO", "commandstats").decode()
    assert "cmdstat_time" in stats
    assert "cmdstat_get:" not in stats


def test_who_may_not_look_at_other_keys_has_no_partitions(store_url: str, config: Config) -> None:
    with closing(Store.open(replace(config, redis_url=store_url))) as store:
        rules = ("on", ">secret", "~queueflow:*", "&*", "+@all")
        store.client.call("ACL", "SETUSER", "ann", "reset", *rules)
        try:
            limited = replace(config, redis_url=store_url.replace("//", "//ann:secret@", 1))
            with closing(Store.open(limited)) as seen:
                assert seen.reader.queue_names() == ["default"]
        finally:
            store.client.call("ACL", "DELUSER", "ann")
