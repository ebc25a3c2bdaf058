"""A worker waits and claims in one request: what it gets when a job, an order or nothing comes, and what is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from jobs.errors import StoreSpoilt, StoreUnavailable
from jobs.states import State
from jobs.store.claiming import Woken
from jobs.store.consumer import Consumer
from tests.support.jobs import StoreKit
from tests.support.polling import wait_until
from tests.support.server import TestServer

LINES = [("default", 1)]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def waiting(
    pool: ThreadPoolExecutor, server: TestServer, worker: Consumer, control: str = "control:w", want: int = 2
) -> Future[Woken]:
    """A request that waits at the server."""
    asked = pool.submit(worker.wait_and_claim, LINES, want, control, 60.0)
    with server.client() as client:
        wait_until(lambda: int(client.info("clients")["blocked_clients"]) == 1, 10.0)
    return asked


def ids_of(woken: Woken) -> list[str]:
    return [claim.id for claim in woken.claims]


def test_a_job_that_comes_is_claimed_without_another_request(
    kit: StoreKit, redis_server: TestServer, pool: ThreadPoolExecutor
) -> None:
    asked = waiting(pool, redis_server, kit.worker())
    job = kit.enqueue()
    woken = asked.result(10.0)
    assert (ids_of(woken), woken.order, woken.trouble) == ([job], "", None)
    assert kit.state(job) is State.ACTIVE


def test_no_more_is_claimed_than_was_asked_for(
    kit: StoreKit, redis_server: TestServer, pool: ThreadPoolExecutor
) -> None:
    asked = waiting(pool, redis_server, kit.worker())
    ids = kit.enqueue_many(5)
    assert ids_of(asked.result(10.0)) == ids[:2]
    with redis_server.client() as client:
        assert client.llen(kit.keys.wake("default")) > 0  # the next worker is woken for the others


def test_an_order_comes_with_what_waits_by_then(
    kit: StoreKit, redis_server: TestServer, pool: ThreadPoolExecutor
) -> None:
    worker = kit.worker()
    asked = waiting(pool, redis_server, worker, kit.keys.control("w"))
    kit.store.operator.order("w", "drain")
    assert asked.result(10.0) == Woken("drain", [])


def test_the_end_of_the_time_claims_what_lost_its_token(kit: StoreKit) -> None:
    worker, job = kit.worker(), kit.enqueue()
    kit.client.call("DEL", kit.keys.wake("default"))
    assert ids_of(worker.wait_and_claim(LINES, 2, "control:w", 0.05)) == [job]
    assert worker.wait_and_claim(LINES, 2, "control:w", 0.05) == Woken("", [])


def test_a_wait_that_is_interrupted_takes_nothing_and_claims_nothing_afterwards(
    kit: StoreKit, redis_server: TestServer, pool: ThreadPoolExecutor
) -> None:
    worker = kit.worker()
    asked = waiting(pool, redis_server, worker)
    worker.interrupt()
    with pytest.raises(StoreUnavailable):
        asked.result(10.0)
    job = kit.enqueue()
    assert worker.unanswered
    assert worker.repeat() == []
    assert kit.state(job) is State.PENDING
    assert [claim.id for claim in worker.claim(LINES, 1)] == [job]


def test_jobs_whose_claim_was_not_heard_come_with_the_repeat(
    kit: StoreKit, redis_server: TestServer, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = kit.worker()
    channel = worker._channel
    heard = threading.Event()
    read = channel._read_one

    def lose() -> object:
        read()
        read()
        heard.set()
        raise ConnectionResetError

    monkeypatch.setattr(channel, "_read_one", lose)
    asked = waiting(pool, redis_server, worker)
    ids = kit.enqueue_many(3)
    with pytest.raises(StoreUnavailable):
        asked.result(10.0)
    assert heard.is_set()
    assert [claim.id for claim in worker.repeat()] == ids[:2]
    assert kit.state(ids[2]) is State.PENDING


def test_a_server_that_forgot_the_script_is_given_it(kit: StoreKit) -> None:
    worker, job = kit.worker(), kit.enqueue()
    kit.client.call("SCRIPT", "FLUSH")
    assert ids_of(worker.wait_and_claim(LINES, 2, "control:w", 0.05)) == [job]


def test_without_a_list_to_wait_at_it_claims_and_says_so(kit: StoreKit) -> None:
    worker = kit.worker()
    job = kit.enqueue()
    kit.client.call("DEL", kit.keys.wake("default"))
    kit.client.call("SET", kit.keys.wake("default"), "x")
    woken = worker.wait_and_claim(LINES, 2, "control:w", 0.05)
    assert ids_of(woken) == [job]
    assert isinstance(woken.trouble, StoreSpoilt)
