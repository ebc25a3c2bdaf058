"""A cluster of real servers: each partition lies in one slot, every script finds its node, and follows it elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from jobs.auditor import Auditor
from jobs.conf import Config
from jobs.errors import StoreUnavailable
from jobs.states import State
from jobs.store.store import Store
from tests.store.cases import CASES
from tests.store.stage import Stage
from tests.support.cluster import ServerCluster
from tests.support.jobs import StoreKit, completed
from tests.support.polling import wait_until

PARTITIONS = 3


@pytest.fixture
def store(clustered: Callable[..., Store]) -> Store:
    """Give an empty installation over three partitions."""
    return clustered(PARTITIONS)


@pytest.fixture
def kits(store: Store, config: Config) -> Iterator[list[StoreKit]]:
    """Give a kit for each partition."""
    with ExitStack() as stack:
        made = [StoreKit("", config, part) for part in store.parts]
        for kit in made:
            stack.callback(kit.close)
        yield made


def test_each_partition_lies_on_one_node_and_all_nodes_have_some(
    cluster: ServerCluster, clustered: Callable[..., Store]
) -> None:
    store = clustered(PARTITIONS, prefix="queueflow:")
    homes = [cluster.primary(part.keys.prefix) for part in store.parts]
    assert len({server.pid for server in homes}) == PARTITIONS
    for part, server in zip(store.parts, homes, strict=True):
        with server.client() as client:
            assert part.client.call("CONFIG", "GET", "port")[1] == str(client.config_get("port")["port"]).encode()


@pytest.mark.parametrize("name", CASES)
def test_every_script_keeps_to_the_slot_of_its_partition(kits: list[StoreKit], name: str) -> None:
    for kit in kits:
        stage = Stage(kit)
        CASES[name].prepare(stage)
        CASES[name].call(stage)
        if name != "quarantine":
            assert Auditor(kit.store).run().findings == []


def test_jobs_of_all_partitions_are_claimed_and_completed(store: Store, kits: list[StoreKit]) -> None:
    assert [kit.states(kit.enqueue_many(10)) for kit in kits] == [[State.PENDING] * 10] * PARTITIONS
    for kit in kits:
        worker = kit.worker()
        woken = worker.wait_and_claim([("default", 1)], 20, kit.keys.control("nobody"), 1.0)
        assert len(woken.claims) == 10
        worker.complete([completed(claim, b"1") for claim in woken.claims])
    assert store.reader.state_counts()["completed"] == 10 * PARTITIONS


def test_where_one_primary_is_away_the_partitions_of_the_others_go_on(
    cluster: ServerCluster, store: Store, kits: list[StoreKit]
) -> None:
    for kit in kits:
        kit.enqueue()
    lost = cluster.primary(kits[0].keys.prefix)
    there = [kit for kit in kits if cluster.primary(kit.keys.prefix) is not lost]
    assert there
    lost.kill()
    for _ in range(10):
        with pytest.raises(StoreUnavailable):
            kits[0].enqueue()
        for kit in there:
            kit.enqueue()
    assert kits[0].client.breaker.troubled
    assert not any(kit.client.breaker.troubled for kit in there)
    wait_until(lambda: taken(kits[0]), 20)  # a replica has taken its place
    lost.start()
    wait_until(lambda: cluster.replicas(cluster.primary(kits[0].keys.prefix)) == 1, 20)
    assert store.reader.state_counts()["pending"] >= len(kits) + 10 * len(there)


def taken(kit: StoreKit) -> bool:
    """Whether a job is."""
    try:
        return bool(kit.enqueue())
    except StoreUnavailable:
        return False
