"""Where replicas are waited for: what too few of them have is not said to be taken, nor is it put down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from jobs import QueueManager
from jobs.conf import Config
from jobs.errors import NotReplicated
from jobs.models import OutboxEntry
from jobs.outbox import Item, accept, seen_marker
from jobs.outbox.unsure import settle_unsure
from jobs.requests import JobSpec
from jobs.store.producer import Marker
from jobs.store.store import Store
from tests.outbox.conftest import Away
from tests.support.jobs import request
from tests.support.polling import wait_until
from tests.support.sentinels import SYNC_AT_ONCE
from tests.support.server import TestServer

SPECS = [JobSpec("echo", number) for number in range(5)]


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[TestServer, TestServer]]:
    """Give a primary and its replica."""
    with TestServer(settings=SYNC_AT_ONCE) as primary, TestServer() as replica:
        with replica.client() as client:
            client.replicaof("127.0.0.1", str(primary.address.port))
            wait_until(lambda: client.info("replication")["master_link_status"] == "up", 20)
        yield primary, replica


@pytest.fixture
def replica(pair: tuple[TestServer, TestServer]) -> TestServer:
    """Give the replica, to be frozen."""
    return pair[1]


@pytest.fixture
def away(
    pair: tuple[TestServer, TestServer], config: Config, committed: None, configure: Callable[[Config], None]
) -> Iterator[Away]:
    """Give an installation with the outbox on, whose enqueues wait for the replica."""
    pair[0].flush()
    told = replace(
        config, redis_url=pair[0].url, enqueue_wait_replicas=1, enqueue_wait_ms=100, outbox=True,
        accept_unknown_types=True,
    )  # fmt: skip
    configure(told)
    made = Away(pair[0], told)
    yield made
    made.store.close()
    made.seen.close()


@pytest.fixture
def patient(away: Away) -> Iterator[QueueManager]:
    """Give a manager that waits longer for the replica, when that is there again."""
    with closing(Store.open(replace(away.config, enqueue_wait_ms=10_000))) as store:
        yield QueueManager(store)


def created(away: Away) -> int:
    return away.seen.reader.totals().get("created", 0)


def test_a_repeat_on_another_connection_is_not_taken_for_safe(
    away: Away, replica: TestServer, patient: QueueManager
) -> None:
    marker = Marker("k" * 64, "b" * 64, 60)
    with replica.away("freeze"), closing(Store.open(away.config)) as other:
        sent: tuple[tuple[str, Marker | None], ...] = (("one", None), ("two", marker))
        for job_id, key in sent:
            for store in (away.store, other):
                with pytest.raises(NotReplicated) as caught:
                    store.producer.enqueue([request(job_id)], key)
                assert caught.value.job_ids == (job_id,)
    assert not patient.enqueue("echo", job_id="one").created
    assert created(away) == 2


def test_a_job_that_was_made_is_refused_with_its_id_and_not_put_down(
    away: Away, replica: TestServer, patient: QueueManager
) -> None:
    with replica.away("freeze"):
        with pytest.raises(NotReplicated) as caught:
            away.manager.enqueue("echo", job_id="mine")
        assert caught.value.job_ids == ("mine",)
        result = away.manager.enqueue_many(SPECS, batch_jobs=3)
    ids = [refusal.job_id for refusal in result.refused]
    assert ([refusal.index for refusal in result.refused], len(set(ids))) == ([0, 1, 2], 3)
    assert [(index, answer.accepted) for index, answer in result.accepted] == [(3, True), (4, True)]  # were not sent
    assert OutboxEntry.objects.count() == 2
    again = patient.enqueue_many([JobSpec("echo", job_id=job_id) for job_id in ids])
    assert [(answer.id, answer.created) for _, answer in again.accepted] == [(job_id, False) for job_id in ids]
    with away.forwarding():
        wait_until(lambda: not OutboxEntry.objects.exists())
    assert created(away) == 6


def test_entries_of_the_outbox_are_waited_for_together(away: Away, replica: TestServer) -> None:
    jobs = [request() for _ in range(20)]
    pairs = [(job, seen_marker(job.id)) for job in jobs]
    away.seen.producer.recall(jobs[0], Marker("k" * 64, "b" * 64, 60))  # the server knows the script
    away.seen.client.call("CONFIG", "RESETSTAT")
    with replica.away("freeze"), pytest.raises(NotReplicated) as caught:
        away.store.producer.enqueue_each(pairs)
    assert caught.value.job_ids == tuple(job.id for job in jobs)
    assert b"cmdstat_wait:calls=1," in away.seen.client.call("INFO", "commandstats")
    accept([Item(job) for job in jobs], away.config)
    with away.forwarding():
        wait_until(lambda: not OutboxEntry.objects.exists())
    assert created(away) == 20


def test_an_entry_whose_job_is_there_stays_until_replicas_have_it_too(
    away: Away, replica: TestServer, patient: QueueManager
) -> None:
    """A failover may lose it till then."""
    job = request()
    accept([Item(job, unsure=True)], away.config)
    with replica.away("freeze"):
        with pytest.raises(NotReplicated):
            away.seen.producer.enqueue([job])
        settle_unsure(away.seen, "default", lambda: True)
        assert OutboxEntry.objects.get().unsure
    settle_unsure(patient.store, "default", lambda: True)
    assert not OutboxEntry.objects.exists()


def test_replicas_may_take_longer_than_an_answer_of_the_server(away: Away, replica: TestServer) -> None:
    slow = replace(away.config, enqueue_wait_ms=700)  # longer than the 0.2 s of an answer
    with closing(Store.open(slow, timeout=0.2)) as store:
        manager = QueueManager(store)
        assert manager.enqueue("echo").created
        with replica.away("freeze"), pytest.raises(NotReplicated):
            manager.enqueue("echo")
