"""The store does not answer: 503 within a second, and liveness stays."""

import asyncio
import threading
import time
from dataclasses import replace

import pytest

from jobs.api.gateway import Gateway, Lane
from jobs.errors import StoreUnavailable
from tests.api.conftest import Api, problem
from tests.support.polling import wait_until

JOB = {"type": "a", "payload": 1}


@pytest.fixture
def shaky(mortal_server, api_config, use, key):
    """A client of the API on that server."""
    use(replace(api_config, redis_url=mortal_server.url))
    made = Api(key())
    assert made.post("/jobs", JOB).status_code == 201
    return made


def refused_in_time(response, started):
    took = time.monotonic() - started
    problem(response, 503, "store_unavailable")
    assert response["Retry-After"] == "1"
    assert took < 1.0
    assert b"127.0.0.1" not in response.content


@pytest.mark.parametrize("trouble", ["freeze", "kill"])
def test_every_kind_of_request_is_refused_in_less_than_a_second(mortal_server, shaky, trouble):
    asks = [
        lambda: shaky.post("/jobs", JOB),
        lambda: shaky.post("/jobs/bulk", {"jobs": [JOB] * 1000}),
        lambda: shaky.get("/jobs"),
        lambda: shaky.get("/jobs/x"),
        lambda: shaky.get("/status"),
        lambda: shaky.post("/queues/default/pause"),
    ]
    with mortal_server.away(trouble):
        for ask in asks:
            started = time.monotonic()
            refused_in_time(ask(), started)


def test_it_serves_again_by_itself(mortal_server, shaky):
    with mortal_server.away("kill"):
        problem(shaky.post("/jobs", JOB), 503, "store_unavailable")
    wait_until(lambda: shaky.post("/jobs", JOB).status_code == 201)


def test_a_refused_body_is_refused_also_without_a_store(mortal_server, shaky):
    mortal_server.kill()
    problem(shaky.post("/jobs", b"{"), 400, "malformed_json")


@pytest.mark.parametrize(
    ("command", "value"), [("maxmemory", "1"), ("requirepass", "secret"), ("min-replicas-to-write", "3")]
)
def test_a_server_that_refuses_is_503(mortal_server, shaky, command, value):
    with mortal_server.client() as client:
        client.config_set(command, value)
        if command == "requirepass":
            client.execute_command("AUTH", "secret")
            client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    assert wait_until(lambda: problem(shaky.post("/jobs", JOB), 503, "store_unavailable"))


def test_a_gateway_without_room_refuses_at_once(api_config):
    gateway = Gateway(api_config, threads=2, waiting=1)
    gate, running = threading.Event(), threading.Semaphore(0)

    def block(store):
        running.release()
        gate.wait(10)
        return "done"

    async def crowd():
        tasks = [asyncio.create_task(gateway.run(block)) for _ in range(3)]
        await asyncio.to_thread(running.acquire)
        with pytest.raises(StoreUnavailable) as caught:
            await gateway.run(block)
        gate.set()
        return caught.value.kind, await asyncio.gather(*tasks)

    assert asyncio.run(crowd()) == ("busy", ["done"] * 3)
    gateway.close()


@pytest.mark.parametrize(("lane", "requests", "most"), [(Lane.OTHER, 100, 1.0), (Lane.ENQUEUE, 500, 3.0)])
def test_many_requests_at_once_are_all_refused_in_time(mortal_server, api_config, lane, requests, most):
    gateway = Gateway(replace(api_config, redis_url=mortal_server.url))

    async def ask():
        started = time.monotonic()
        with pytest.raises(StoreUnavailable):
            await gateway.run(lambda store: store.browser.ping(), lane)
        return time.monotonic() - started

    async def crowd():
        return max(await asyncio.gather(*(ask() for _ in range(requests))))

    with mortal_server.away("freeze"):
        assert asyncio.run(crowd()) < most  # one after the other, 16 at a time, 500 would take 12 s
    gateway.close()


def test_without_any_server_the_answer_is_the_same(config, use, key):
    use(config)
    response = Api(key()).get("/stats")
    problem(response, 503, "store_unavailable")
