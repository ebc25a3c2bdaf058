"""The primary is killed under load: sentinels name another one, and what replicas had acknowledged is not lost."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Self

import pytest

from jobs.auditor import Auditor
from jobs.conf import Config
from jobs.errors import NotReplicated, StoreError
from jobs.ids import new_id
from jobs.states import State
from jobs.store.store import Store
from jobs.types import Envelope, JobRequest
from tests.engine.pools import Pool
from tests.support.jobs import request
from tests.support.polling import wait_until
from tests.support.sentinels import SERVICE, SYNC_AT_ONCE, Watched
from tests.support.server import TestServer

PAYLOAD = Envelope(b'{"seconds":0.002}', 30_000)


class Feeder:
    """Enqueues jobs one after the other, each until the store has taken it. `accepted` are their ids."""

    def __init__(self, store: Store) -> None:
        self.accepted: list[str] = []
        self.longest_pause = 0.0
        self._store = store
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._feed, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(30)

    def _feed(self) -> None:
        last = time.monotonic()
        while not self._stopping.is_set():
            request = JobRequest(id=new_id(), type="sleep", envelope=PAYLOAD)
            while not self._stopping.is_set():
                try:
                    self._store.producer.enqueue([request])
                except StoreError:
                    self._stopping.wait(0.02)
                    continue
                self.accepted.append(request.id)
                break
            now = time.monotonic()
            self.longest_pause, last = max(self.longest_pause, now - last), now


@pytest.mark.slow
def test_a_killed_primary_loses_no_job_that_a_replica_had(config: Config) -> None:
    environment = {"REDIS_SENTINEL_NAME": SERVICE, "LEASE_SECONDS": "2", "HEARTBEAT_SECONDS": "0.5"}
    with Watched() as watched:
        sentinels = tuple(watched.addresses)
        settings = replace(config, redis_sentinels=sentinels, redis_sentinel_name=SERVICE, enqueue_wait_replicas=1)
        store = Store.open(settings, timeout=0.5)
        with Pool("", "--min", "2", "--max", "2", REDIS_SENTINELS=watched.setting, **environment) as pool:
            pool.await_ready(2)
            with Feeder(store) as feeder:
                wait_until(lambda: len(feeder.accepted) > 300, 20)
                first = watched.primary()
                first.kill()
                wait_until(lambda: watched.primary() is not first, 20)
                before = len(feeder.accepted)
                # The old primary comes back as a replica: without one, nothing would be taken.
                first.settings["replicaof"] = f"127.0.0.1 {watched.primary().address.port}"
                first.start()
                wait_until(lambda: len(feeder.accepted) > before + 300, 20)
            ids = feeder.accepted
            wait_until(lambda: all(are_completed(store, ids)), 30)
            wait_until(lambda: store.reader.state_counts()["active"] == 0, 10)
        totals = store.reader.totals()
        # One more than was accepted where the last request was made and its replica not waited for any more.
        assert totals["completed"] == totals["created"] in (len(ids), len(ids) + 1)
        assert [str(finding) for finding in Auditor(store).run().findings] == []
    assert feeder.longest_pause < 12


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
        replica.freeze()
        try:
            for _ in range(2):  # a repeat, which writes nothing, does not make it safer
                with pytest.raises(NotReplicated) as caught:
                    store.producer.enqueue([request("two"), request("three")])
            assert (caught.value.kind, caught.value.job_ids) == ("too_few_replicas", ("two", "three"))
            with pytest.raises(NotReplicated):
                store.producer.enqueue([request("one")])
        finally:
            replica.thaw()
        [again, _] = store.producer.enqueue([request("two"), request("three")])
        assert not again.created
        assert store.reader.totals()["created"] == 3
        store.close()


def are_completed(store: Store, ids: list[str]) -> list[bool]:
    found = [record for at in range(0, len(ids), 250) for record in store.reader.records(ids[at : at + 250])]
    return [record is not None and record.state is State.COMPLETED for record in found]
