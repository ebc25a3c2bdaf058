"""The primary is killed under load: sentinels name another one, and what replicas had acknowledged is not lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs.conf import Config
from jobs.errors import NotReplicated
from jobs.store.store import Store
from tests.engine.pools import Pool
from tests.faults.load import Load
from tests.support.jobs import request
from tests.support.polling import wait_until
from tests.support.sentinels import SERVICE, SYNC_AT_ONCE, Watched
from tests.support.server import TestServer


@pytest.mark.slow
def test_a_killed_primary_loses_no_job_that_a_replica_had(config: Config) -> None:
    environment = {"REDIS_SENTINEL_NAME": SERVICE, "LEASE_SECONDS": "2", "HEARTBEAT_SECONDS": "0.5"}
    with Watched() as watched:
        sentinels = tuple(watched.addresses)
        settings = replace(config, redis_sentinels=sentinels, redis_sentinel_name=SERVICE, enqueue_wait_replicas=1)
        store = Store.open(settings, timeout=0.5)
        with Pool("", "--min", "2", "--max", "2", REDIS_SENTINELS=watched.setting, **environment) as pool:
            pool.await_ready(2)
            with Load(store, store, rate=200) as load:
                load.grows_by(300)
                first = watched.primary()
                first.kill()
                wait_until(lambda: watched.primary() is not first, 20)
                # The old primary comes back as a replica: without one, nothing would be taken.
                first.settings["replicaof"] = f"127.0.0.1 {watched.primary().address.port}"
                first.start()
                load.grows_by(300)
            account = load.account()
    assert account.is_clean, account
    assert account.completed == account.accepted
    assert max(account.pause, account.recovery) < 12


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
