"""What a client does while the server works: the answer stays its own, and connections suffice."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import cast

import pytest

from jobs.circuit import Breaker, BreakerState, Terms
from jobs.errors import NotReplicated, StoreUnavailable
from jobs.interrupts import TimeLimitReached
from jobs.meanwhile import Meanwhile
from jobs.store.client import Client
from jobs.store.producer import Producer, Safety
from tests.support.jobs import StoreKit, request
from tests.support.polling import wait_until
from tests.support.proxy import Proxy
from tests.support.server import TestServer

DELAY = 0.2  # seconds each way


def producer(kit: StoreKit, client: Client) -> Producer:
    return Producer(client, kit.keys)


@pytest.fixture
def far(redis_server: TestServer) -> Iterator[Client]:
    """Give a client whose server is far away, and which is connected."""
    assert redis_server.address.port
    with Proxy(redis_server.address.port) as proxy, closing(Client(proxy.url)) as client:
        client.call("PING")
        proxy.delay = DELAY
        yield client


def test_work_is_done_while_the_answer_is_on_its_way(kit: StoreKit, far: Client) -> None:
    ahead = Meanwhile(time.monotonic)
    started = time.monotonic()
    answers = producer(kit, far).enqueue([request(), request()], None, ahead)
    ended = time.monotonic()
    assert [each.created for each in answers] == [True, True]
    assert ahead.result() - started < DELAY
    assert ended - started >= 2 * DELAY


def test_an_interrupt_meanwhile_leaves_no_answer_for_the_next(kit: StoreKit) -> None:
    def interrupted() -> None:
        raise TimeLimitReached

    with pytest.raises(TimeLimitReached):
        producer(kit, kit.client).enqueue([request(), request()], None, Meanwhile(interrupted))
    assert kit.client.call("ECHO", "yours") == b"yours"


def test_a_failure_meanwhile_is_none_of_the_store(kit: StoreKit) -> None:
    def failing() -> None:
        raise StoreUnavailable("another store")

    ahead = Meanwhile(failing)
    answers = producer(kit, kit.client).enqueue([request(), request()], None, ahead)
    assert [each.created for each in answers] == [True, True]
    assert not kit.client.breaker.is_shut
    with pytest.raises(StoreUnavailable, match="another store"):
        ahead.result()


def test_a_server_that_has_failed_just_now_is_given_no_time(kit: StoreKit, store_url: str) -> None:
    client = Client(store_url)
    client.breaker.failed("it was away", at_once=False)
    steps: list[str] = []
    ahead = Meanwhile(lambda: steps.append("ahead"))
    producer(kit, client).enqueue([request(), request()], None, ahead)
    steps.append("answered")
    ahead()
    producer(kit, client).enqueue([request(), request()], None, Meanwhile(lambda: steps.append("again ahead")))
    client.close()
    assert steps == ["answered", "ahead", "again ahead"]


def test_a_call_that_has_become_the_probe_is_given_no_time(kit: StoreKit, store_url: str) -> None:
    with closing(Client(store_url, breaker=Breaker("b", Terms(failures=1, open_seconds=0.01)))) as client:
        channel = cast(Client, client.channel())  # past the client, which looks first and may have to wait then
        client.breaker.failed("it was away")
        wait_until(lambda: not client.breaker.is_shut)
        steps: list[str] = []
        ahead = Meanwhile(lambda: steps.append("ahead"))
        producer(kit, channel).enqueue([request(), request()], None, ahead)
        assert (steps, client.breaker.view().state) == ([], BreakerState.CLOSED)


def test_an_answer_that_was_not_read_for_long_says_nothing_of_the_server_now(kit: StoreKit, store_url: str) -> None:
    with closing(Client(store_url, breaker=Breaker("b", Terms(failures=1, open_seconds=0.01)))) as client:

        def found_dead() -> None:
            client.breaker.failed("others find it dead")
            wait_until(lambda: not client.breaker.admit())  # and somebody is about to find out more

        answers = producer(kit, client).enqueue([request(), request()], None, Meanwhile(found_dead))
        assert [each.created for each in answers] == [True, True]
        assert (client.breaker.view().state, client.breaker.is_shut) == (BreakerState.HALF_OPEN, True)


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_time_for_which_replicas_are_waited_for_is_used_too(kit: StoreKit, far: Client, jobs: int) -> None:
    ahead = Meanwhile(time.monotonic)
    started = time.monotonic()
    with pytest.raises(NotReplicated):
        Producer(far, kit.keys, safety=Safety(1, 50)).enqueue([request() for _ in range(jobs)], None, ahead)
    assert ahead.result() - started < DELAY


@pytest.mark.parametrize("most", [1, 2, 5])
def test_threads_that_need_another_connection_meanwhile_all_get_one(kit: StoreKit, store_url: str, most: int) -> None:
    client = Client(store_url, most=most, timeout=2.0)
    made = producer(kit, client)

    def nested(_: int) -> float:
        def more() -> object:
            time.sleep(0.02)  # job body: everybody else comes to hold a connection
            return client.call("PING")

        started = time.monotonic()
        ahead = Meanwhile(more)
        made.enqueue([request(), request()], None, ahead)
        assert ahead.result() in (b"PONG", "PONG")
        return time.monotonic() - started

    with ThreadPoolExecutor(12) as threads:
        assert max(threads.map(nested, range(60))) < 1.5
    client.close()


def test_a_child_that_is_forked_meanwhile_has_connections_of_its_own(kit: StoreKit) -> None:
    made = producer(kit, kit.client)

    def forked() -> int:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                ahead = Meanwhile(lambda: kit.client.call("ECHO", "child"))
                answers = made.enqueue([request(), request()], None, ahead)
                status = 0 if ahead.result() == b"child" and all(each.created for each in answers) else 2
            finally:
                os._exit(status)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    ahead = Meanwhile(forked)
    answers = made.enqueue([request(), request()], None, ahead)
    assert ahead.result() == 0
    assert [each.created for each in answers] == [True, True]
