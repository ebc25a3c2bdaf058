"""Partitions on servers of their own work at the same time for one call of a producer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest

from jobs.conf import Config
from jobs.errors import QueueFlowError
from jobs.interrupts import TimeLimitReached
from jobs.manager import QueueManager
from jobs.meanwhile import Meanwhile
from jobs.middleware import Chain, Middleware
from jobs.partitioning import Partitions, partition_of_id
from jobs.requests import JobSpec
from jobs.store.partitions import producer
from jobs.store.producer import IdempotencyKeyReused, Marker
from jobs.store.store import Store
from jobs.types import Enqueued, JobRequest
from tests.support.jobs import request
from tests.support.partitions import said_id
from tests.support.polling import wait_until
from tests.support.proxy import Proxy
from tests.support.server import TestServer

DELAY = 0.15  # seconds each way
COUNT = 3


class Far:
    """A store of three partitions, each on its own far server, and the ways there."""

    def __init__(self, store: Store, ways: list[Proxy]) -> None:
        self.store = store
        self.ways = ways

    def requests(self, each: int = 2) -> list[JobRequest]:
        """So many jobs for each partition."""
        return [request(said_id(number % COUNT, number)) for number in range(COUNT * each)]


@pytest.fixture
def far(redis_server: TestServer, config: Config) -> Iterator[Far]:
    """Give three partitions, each a database of one server behind a line of its own, which was used already."""
    assert redis_server.address.port
    with ExitStack() as stack:
        ways = [stack.enter_context(Proxy(redis_server.address.port)) for _ in range(COUNT)]
        urls = tuple(f"redis://127.0.0.1:{way.port}/{number + 10}" for number, way in enumerate(ways))
        spread = Partitions(COUNT, urls)
        store = Store.open(replace(config, redis_url=None, partitions=spread, accept_unknown_types=True), timeout=3)
        stack.callback(store.close)
        for part in store.parts:
            part.client.call("FLUSHDB")
        store.producer.enqueue([request(said_id(at, 999)) for at in range(COUNT)])
        for way in ways:
            way.delay = DELAY
        yield Far(store, ways)


def test_servers_work_at_the_same_time(far: Far) -> None:
    ahead = Meanwhile(time.monotonic)
    started = time.monotonic()
    answers = far.store.producer.enqueue(far.requests(), None, ahead)
    ended = time.monotonic()
    assert [each.id for each in answers] == [each.id for each in far.requests()]
    assert ahead.result() - started < DELAY
    assert 2 * DELAY <= ended - started < 4 * DELAY  # one after the other takes six


def test_so_they_do_for_what_is_remembered_of_a_key(far: Far) -> None:
    marker = Marker("aa", "body", 60)
    first = far.store.producer.offer(far.requests(), marker)
    started = time.monotonic()
    again = far.store.producer.offer(far.requests(), marker)
    assert time.monotonic() - started < 6 * DELAY  # where the key lies is asked first
    assert [each.id for each in again if not isinstance(each, QueueFlowError)] == [each.id for each in far.requests()]
    assert again == first
    other = far.store.producer.offer(far.requests(), Marker("aa", "another body", 60))
    assert {type(each) for each in other} == {IdempotencyKeyReused}


def test_a_line_that_is_cut_costs_its_own_jobs_only(far: Far) -> None:
    far.ways[1].refusing = True
    far.ways[1].cut()
    outcomes = far.store.producer.offer(far.requests())
    assert [isinstance(each, QueueFlowError) for each in outcomes] == [False, True, False] * 2


def test_more_partitions_than_work_at_once_take_turns(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(producer, "AT_ONCE", 2)
    done: list[float] = []
    ahead = Meanwhile(lambda: done.append(time.monotonic()))
    started = time.monotonic()
    answers = far.store.producer.enqueue(far.requests(), None, ahead)
    assert [partition_of_id(each.id, COUNT) for each in answers] == [0, 1, 2] * 2
    assert 4 * DELAY <= time.monotonic() - started < 6 * DELAY
    ahead()
    assert len(done) == 1


def test_an_interrupt_meanwhile_leaves_no_answer_behind_on_any_server(far: Far) -> None:
    def interrupted() -> None:
        raise TimeLimitReached

    with pytest.raises(TimeLimitReached):
        far.store.producer.enqueue(far.requests(), None, Meanwhile(interrupted))
    assert [part.client.call("ECHO", "yours") for part in far.store.parts] == [b"yours"] * COUNT


def test_a_server_of_several_partitions_that_is_back_takes_all_of_a_batch(store_url: str, config: Config) -> None:
    told = replace(config, redis_url=store_url, partitions=Partitions(COUNT), breaker_open_seconds=0.05)
    with closing(Store.open(told)) as store:
        for _ in range(told.breaker_failures):
            store.parts[0].client.breaker.failed("it was away", at_once=False)
        assert store.parts[COUNT - 1].client.breaker.is_shut
        wait_until(lambda: not store.parts[0].client.breaker.is_shut)
        outcomes = store.producer.offer([request(said_id(number % COUNT, 7000 + number)) for number in range(6)])
        assert [isinstance(each, Enqueued) for each in outcomes] == [True] * 6


def test_batches_that_are_cut_by_their_bytes_take_turns_too(far: Far) -> None:
    for way in far.ways:
        way.delay = 0.0
    manager = QueueManager(far.store)
    accepted = manager.enqueue_many([JobSpec("echo", "x" * 250_000) for _ in range(30)]).accepted
    assert {partition_of_id(made.id, COUNT) for _, made in accepted} == {0, 1, 2}


def test_a_refused_job_does_not_tear_batches_apart(far: Far) -> None:
    for way in far.ways:
        way.delay = 0.0
    manager = QueueManager(far.store)
    specs = [JobSpec("not a type"), *(JobSpec("echo") for _ in range(40))]
    places = [partition_of_id(made.id, COUNT) for _, made in manager.enqueue_many(specs, batch_jobs=20).accepted]
    assert (len(places), len({*places[:20]}), len({*places[20:]})) == (40, 1, 1)


def test_jobs_that_are_sent_together_lie_together_where_they_may(far: Far) -> None:
    for way in far.ways:
        way.delay = 0.0
    manager = QueueManager(far.store)
    used: set[int] = set()
    for _ in range(60):
        accepted = manager.enqueue_many([JobSpec("echo") for _ in range(40)], batch_jobs=20).accepted
        places = [partition_of_id(made.id, COUNT) for _, made in accepted]
        first, second = set(places[:20]), set(places[20:])
        assert (len(first), len(second), first & second) == (1, 1, set())
        used |= first
    assert used == {0, 1, 2}


class Clocked(Middleware):
    """Notes when a job is made ready to be sent."""

    def __init__(self) -> None:
        self.at: list[float] = []

    def before_enqueue(self, request: JobRequest) -> None:
        """Note the time."""
        self.at.append(time.monotonic())


def test_the_next_batch_is_made_while_the_last_one_is_on_its_way(far: Far) -> None:
    clocked = Clocked()
    manager = QueueManager(far.store, chain=Chain([clocked]))
    started = time.monotonic()
    result = manager.enqueue_many([JobSpec("echo") for _ in range(40)], batch_jobs=20)
    assert len(result.accepted) == 40
    assert max(clocked.at) - started < DELAY
    assert time.monotonic() - started >= 4 * DELAY
