"""A partition's slot goes to another node, by migration or by failover: a failure or none, and all goes on there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest
import redis
from redis.crc import key_slot

from jobs.auditor import Auditor
from jobs.conf import Config
from jobs.errors import StoreError, StoreMisconfigured, StoreUnavailable
from jobs.server.address import free_port
from jobs.states import State
from jobs.store.cluster import Cluster
from jobs.store.store import Store
from tests.support.cluster import ServerCluster
from tests.support.jobs import StoreKit, completed
from tests.support.polling import wait_until
from tests.support.server import TestServer


@pytest.fixture
def kit(clustered: Callable[..., Store], config: Config) -> Iterator[StoreKit]:
    """Give a kit on one empty partition of the cluster, without a breaker that hides answers."""
    made = StoreKit("", config, clustered(breaker_failures=10_000))
    yield made
    made.close()


def kinds(kit: StoreKit, times: int) -> list[str]:
    """The kinds of failures of so many enqueues."""
    found = []
    for _ in range(times):
        try:
            kit.enqueue()
        except StoreError as error:
            found.append(error.kind)
    return found


def migrate(cluster: ServerCluster, key: str) -> None:
    """Bring a key's slot to another primary, as redis-cli does."""
    slot, source = key_slot(key.encode()), cluster.primary(key)
    begin(cluster, key)
    target = other(cluster, source)
    with source.client() as at, target.client() as to:
        while names := at.cluster("GETKEYSINSLOT", slot, 100):
            at.migrate("127.0.0.1", str(target.address.port), names, 0, 5000)
        for client in (to, at):
            client.cluster("SETSLOT", slot, "NODE", to.cluster("MYID"))


def begin(cluster: ServerCluster, key: str) -> None:
    """Open a migration of a key's slot to another primary."""
    slot, source = key_slot(key.encode()), cluster.primary(key)
    with source.client() as at, other(cluster, source).client() as to:
        to.cluster("SETSLOT", slot, "IMPORTING", at.cluster("MYID"))
        at.cluster("SETSLOT", slot, "MIGRATING", to.cluster("MYID"))


def other(cluster: ServerCluster, source: TestServer) -> TestServer:
    """A primary that is not this one, always the same."""
    return next(home for home in map(cluster.primary, "abc") if home is not source)


def fail_over(cluster: ServerCluster, key: str) -> None:
    """Let a replica of a key's primary take its place, both alive."""
    old = cluster.primary(key)
    for _ in range(10):  # the others do not agree to one failover so soon after another
        ask_to_take_over(cluster, old)
        with suppress(AssertionError):
            wait_until(lambda: cluster.serves(key) and cluster.primary(key) is not old, 3)
            break
    wait_until(lambda: cluster.replicas(cluster.primary(key)) == 1, 20)


def ask_to_take_over(cluster: ServerCluster, primary: TestServer) -> None:
    """Order it of the replicas of a primary."""
    for server in cluster.servers:
        with server.client() as client:
            role = client.role()
            if role[0] == b"slave" and role[2] == primary.address.port:
                client.cluster("FAILOVER")


@pytest.mark.parametrize("move", [migrate, fail_over])
def test_whoever_meets_the_wrong_node_goes_to_the_right_one(
    cluster: ServerCluster, kit: StoreKit, move: object
) -> None:
    with ThreadPoolExecutor(4) as threads:  # several pooled connections
        assert sum(threads.map(lambda _: len(kinds(kit, 20)), range(4))) == 0
    worker = kit.worker()
    claims = kit.claim(worker, 10)
    move(cluster, kit.keys.prefix)  # type: ignore[operator]
    assert len(kinds(kit, 20)) <= 1
    try:
        worker.complete([completed(claim) for claim in claims])
    except StoreUnavailable:
        worker.repeat()
    assert kit.reader.totals()["completed"] == 10
    assert Auditor(kit.store).run().findings == []


def test_a_worker_that_waits_for_jobs_hears_of_them_on_the_new_node(cluster: ServerCluster, kit: StoreKit) -> None:
    worker, control = kit.worker(), kit.keys.control("nobody")
    with ThreadPoolExecutor(1) as thread:
        waits = thread.submit(worker.wait_and_claim, [("default", 1)], 5, control, 30.0)
        wait_until(lambda: kit.client.call("INFO", "clients").partition(b"blocked_clients:")[2].startswith(b"1"))
        fail_over(cluster, kit.keys.prefix)
        with pytest.raises(StoreUnavailable):
            waits.result(20)
    assert worker.repeat() == []
    assert len(kinds(kit, 2)) <= 1  # the pooled connection has to find it out too
    assert len(worker.wait_and_claim([("default", 1)], 5, control, 5.0).claims) >= 1


def test_a_slot_that_is_being_moved_is_away_until_it_has_moved(cluster: ServerCluster, kit: StoreKit) -> None:
    kit.enqueue()
    begin(cluster, kit.keys.prefix)
    assert set(kinds(kit, 3)) == {"resharding"}
    migrate(cluster, kit.keys.prefix)
    assert len(kinds(kit, 3)) <= 1
    assert kit.reader.totals()["created"] >= 3


def test_nodes_are_learnt_and_those_that_do_not_answer_are_asked_last(cluster: ServerCluster) -> None:
    lonely = TestServer(settings={"cluster-enabled": "yes", "cluster-port": str(free_port())})
    with TestServer() as stranger, lonely:
        nobody, here, alone = (("127.0.0.1", port or 0) for port in (1, stranger.address.port, lonely.address.port))
        told = Cluster([nobody, here, alone, cluster.nodes[0]], {})
        slot = key_slot(b"any")
        assert told.primary(slot) in cluster.nodes
        assert told.nodes[0] == cluster.nodes[0]
        all_of_them = {nobody, here, alone, *cluster.nodes}
        # A new replica is told of late.
        wait_until(lambda: told.primary(slot) in cluster.nodes and set(told.nodes) == all_of_them, 20)
        with pytest.raises(redis.exceptions.ClusterDownError):
            Cluster([alone], {}).primary(slot)
        with pytest.raises(redis.ResponseError, match="cluster support disabled"):
            Cluster([here], {}).primary(slot)


def test_a_server_that_is_no_node_and_a_node_that_is_taken_for_a_server_are_told(
    cluster: ServerCluster, config: Config
) -> None:
    config = replace(config, prefix="nobody:")
    with TestServer() as server:
        alone = replace(config, redis_cluster_nodes=(("127.0.0.1", server.address.port or 0),))
        told = [(alone, "no_cluster")]
        told += [(replace(config, redis_url=node.url), "cluster") for node in cluster.servers]
        for each, kind in told:
            kit = StoreKit("", config, Store.open(each))
            with pytest.raises(StoreMisconfigured) as caught:
                kit.enqueue()
            assert caught.value.kind == kind
            kit.close()


def test_replicas_are_waited_for_in_a_cluster_too(clustered: Callable[..., Store], config: Config) -> None:
    store = clustered(2, enqueue_wait_replicas=1, enqueue_wait_ms=900)
    for part in store.parts:
        kit = StoreKit("", config, part)
        assert kit.states(kit.enqueue_many(3)) == [State.PENDING] * 3
