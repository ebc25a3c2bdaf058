"""A primary is killed under load: another server takes its place, and what replicas had acknowledged is not lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs.conf import Config
from jobs.errors import NotReplicated
from jobs.store.store import Store
from tests.faults.failover import MODES, run
from tests.support.jobs import request
from tests.support.polling import wait_until
from tests.support.sentinels import SYNC_AT_ONCE
from tests.support.server import TestServer


@pytest.mark.slow
@pytest.mark.parametrize(("who", "partitions"), [("Sentinel", 1), ("Cluster", 3)])
def test_a_killed_primary_costs_no_job_that_a_replica_had_and_little_time(who: str, partitions: int) -> None:
    told = run(who, MODES[0], partitions=partitions)
    assert told.faults == []
    assert told.account.completed == told.account.accepted >= 600


def test_what_too_few_replicas_have_is_not_said_to_be_taken(config: Config) -> None:
    with TestServer(settings=SYNC_AT_ONCE) as primary, TestServer() as replica:
        with replica.client() as client:
            client.replicaof("127.0.0.1", str(primary.address.port))
            wait_until(lambda: client.info("replication")["master_link_status"] == "up", 20)
        store = Store.open(
            replace(config, redis_url=primary.url, enqueue_wait_replicas=1, enqueue_wait_ms=100), timeout=0.5
        )
        [taken] = store.producer.enqueue([request("one")])
        assert taken.created
        with replica.away("freeze"):
            for _ in range(2):  # a repeat, which writes nothing, does not make it safer
                with pytest.raises(NotReplicated) as caught:
                    store.producer.enqueue([request("two"), request("three")])
            assert (caught.value.kind, caught.value.job_ids) == ("too_few_replicas", ("two", "three"))
            with pytest.raises(NotReplicated):
                store.producer.enqueue([request("one")])
        [again, _] = store.producer.enqueue([request("two"), request("three")])
        assert not again.created
        assert store.reader.totals()["created"] == 3
        store.close()
