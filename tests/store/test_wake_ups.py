"""A new job wakes one idle worker, however many wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from jobs.errors import StoreUnavailable
from jobs.states import State
from jobs.store.consumer import Consumer
from tests.support.jobs import StoreKit
from tests.support.polling import wait_until
from tests.support.server import TestServer

IDLE = 200
ENQUEUES = 20


def serve(worker: Consumer, control: str) -> None:
    """Wait and claim like a worker with five free slots, without the safety claim of every second or two."""
    while True:
        try:
            worker.wait(["default"], control, 60.0)
        except StoreUnavailable:  # interrupted: the test is over
            return
        worker.claim([("default", 1)], 5)


def await_active(kit: StoreKit, job_id: str) -> None:
    wait_until(lambda: kit.state(job_id) is State.ACTIVE, 10.0)


def blocked(server: TestServer) -> int:
    """How many connections wait for a token."""
    with server.client() as client:
        return int(client.info("clients")["blocked_clients"])


def scripts(server: TestServer) -> int:
    """How many scripts the server has run."""
    with server.client() as client:
        stats = client.info("commandstats")
    return sum(stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("eval", "evalsha"))


@pytest.fixture
def idle(kit: StoreKit, redis_server: TestServer) -> Iterator[None]:
    """Let 200 workers wait for jobs, on a server that knows the scripts."""
    kit.claimed()
    kit.enqueue()
    kit.claim(kit.worker(), 5)
    workers = [kit.worker() for _ in range(IDLE)]
    threads = [
        threading.Thread(target=serve, args=(worker, f"control:{number}")) for number, worker in enumerate(workers)
    ]
    for thread in threads:
        thread.start()
    wait_until(lambda: blocked(redis_server) == IDLE, 30.0)
    yield
    for worker in workers:
        worker.interrupt()
    for thread in threads:
        thread.join(10.0)


@pytest.mark.usefixtures("idle")
def test_an_enqueue_beside_two_hundred_idle_workers_costs_three_scripts_at_most(
    kit: StoreKit, redis_server: TestServer
) -> None:
    before = scripts(redis_server)
    for _ in range(ENQUEUES):
        await_active(kit, kit.enqueue())
        wait_until(lambda: blocked(redis_server) == IDLE, 5.0)
    assert scripts(redis_server) - before <= 3 * ENQUEUES


@pytest.mark.usefixtures("idle")
def test_no_job_is_left_behind_when_many_come_at_once(kit: StoreKit, redis_server: TestServer) -> None:
    ids = kit.enqueue_many(1000)
    await_active(kit, ids[-1])
    wait_until(lambda: blocked(redis_server) == IDLE, 10.0)
    assert set(kit.states(ids)) == {State.ACTIVE}
