"""The service is away or overrun, or its answers get lost: what the client does, and what it leaves to others."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import pytest

from queueflow_client import ApiError, Client, JobFailed, NoAnswer
from tests.client.cutting_proxy import CuttingProxy
from tests.client.service import Service
from tests.examples.api_stand_in import ApiStandIn, serve
from tests.support.polling import wait_until
from tests.support.server import TestServer

LIMITED = {"status": 429, "title": "Too Many Requests", "code": "rate_limited", "detail": "slow down"}
AWAY = {"status": 503, "title": "Service Unavailable", "code": "store_unavailable", "detail": "the store is away"}


def test_an_enqueue_outlasts_a_store_that_is_away(client: Client, down_for: Callable[[], None]) -> None:
    down_for()
    assert client.wait(client.enqueue("echo", "after the storm")) == "after the storm"


def test_a_wait_outlasts_a_store_that_is_away(service: Service, down_for: Callable[[], None]) -> None:
    client = Client(service.url, service.key, timeout=0.5)
    job = client.enqueue("sleep", {"seconds": 0.5})
    down_for()
    assert client.wait(job, timeout=60) == "slept"
    client.close()


def test_a_wait_for_a_store_that_stays_away_ends_in_time(service: Service, client: Client) -> None:
    job = client.enqueue("echo", delay=60)
    service.server.stop()
    try:
        with pytest.raises(TimeoutError) as caught:
            client.wait(job, timeout=0.5)
    finally:
        service.server.start()
    assert isinstance(caught.value.__cause__, ApiError)
    client.cancel(job)


def test_a_limited_rate_is_respected() -> None:
    with serve(ApiStandIn(first=[(429, {"Retry-After": "1"}, LIMITED)])) as api:
        client = Client(api.url, "secret")
        began = time.monotonic()
        assert client.enqueue("a", 1)["jobId"] == "job-2"
        client.close()
    assert time.monotonic() - began >= 1.0
    assert [call.headers["Idempotency-Key"] for call in api.calls] == [api.calls[0].headers["Idempotency-Key"]] * 2


def test_a_pause_longer_than_the_time_left_is_not_begun() -> None:
    with serve(ApiStandIn(first=[(429, {"Retry-After": "60"}, LIMITED)])) as api:
        client = Client(api.url, "secret", timeout=5)
        began = time.monotonic()
        with pytest.raises(ApiError) as caught:
            client.enqueue("a", 1)
        client.close()
    assert time.monotonic() - began < 3
    assert (caught.value.code, caught.value.detail, len(api.calls)) == ("rate_limited", "slow down", 1)


def test_a_service_that_stays_away_is_given_up_in_time() -> None:
    with serve(ApiStandIn(first=[(503, {}, AWAY)] * 1000)) as api:
        client = Client(api.url, "secret", timeout=1)
        began = time.monotonic()
        with pytest.raises(ApiError, match="503 store_unavailable: the store is away") as caught:
            client.enqueue("a", 1)
        client.close()
    assert time.monotonic() - began < 2.5  # how early depends on the pauses that it draws
    assert caught.value.repeated
    assert 2 < len(api.calls) < 100


def test_pauses_grow_and_differ(caplog: pytest.LogCaptureFixture) -> None:
    with serve(ApiStandIn(first=[(503, {}, AWAY)] * 6)) as api, caplog.at_level(logging.INFO, "queueflow_client"):
        client = Client(api.url, "secret")
        client.enqueue("a", 1)
        client.close()
    pauses = [record.args[3] for record in caplog.records if isinstance(record.args, tuple)]
    assert len(pauses) == 6
    assert len(set(pauses)) > 3
    assert all(pause <= 0.1 * 2**number for number, pause in enumerate(pauses))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 500, 302])
def test_other_refusals_are_final(status: int) -> None:
    with serve(ApiStandIn(first=[(status, {"Location": "/elsewhere"}, {"code": "x", "detail": "no"})])) as api:
        client = Client(api.url, "secret")
        with pytest.raises(ApiError) as caught:
            client.enqueue("a", 1)
        client.close()
    assert (caught.value.status, caught.value.code, caught.value.repeated, len(api.calls)) == (status, "x", False, 1)


def test_a_service_that_nobody_runs_is_no_answer() -> None:
    client = Client("http://127.0.0.1:9", "secret", timeout=0.5)
    with pytest.raises(NoAnswer, match="does not answer: ConnectionRefusedError") as caught:
        client.enqueue("a", 1)
    assert isinstance(caught.value, OSError)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


def test_a_page_instead_of_the_interface_is_a_refusal(service: Service) -> None:
    with serve(ApiStandIn()) as api:
        client = Client(f"{api.url}/elsewhere", "secret")
        with pytest.raises(ApiError, match="not_json") as caught:
            client.job("x")  # the stand-in answers no GET: 501, a page
        client.close()
    assert caught.value.status == 501


@pytest.mark.parametrize("cuts", [1, 3])
def test_a_lost_reply_makes_no_second_job(distant: Client, proxy: CuttingProxy, service: Service, cuts: int) -> None:
    before = service.jobs_made()
    proxy.cuts = cuts
    job = distant.enqueue("echo", ["once"])
    assert proxy.was_cut == cuts
    assert distant.wait(job) == ["once"]
    assert service.jobs_made() == before + 1


def test_a_lost_reply_to_many_doubles_none(distant: Client, proxy: CuttingProxy, service: Service) -> None:
    before = service.jobs_made()
    proxy.cuts = 2
    outcome = distant.enqueue_many({"type": "noop"} for _ in range(1500))
    assert proxy.was_cut == 2
    assert [index for index, _ in outcome.accepted] == list(range(1500))
    assert service.jobs_made() == before + 1500


def test_a_repeated_call_with_a_key_of_ones_own_makes_no_second_job(client: Client) -> None:
    first = client.enqueue("echo", 1, idempotency_key="order-1-mail")
    assert client.enqueue("echo", 1, idempotency_key="order-1-mail")["jobId"] == first["jobId"]
    with pytest.raises(ApiError) as caught:
        client.enqueue("echo", 2, idempotency_key="order-1-mail")
    assert (caught.value.status, caught.value.code) == (422, "idempotency_key_reused")


def test_a_cancel_whose_reply_is_lost_is_a_cancel(distant: Client, proxy: CuttingProxy) -> None:
    job = distant.enqueue("echo", delay=3600)
    proxy.cuts = 1
    assert distant.cancel(job)["status"] == "cancelled"
    assert proxy.was_cut == 1


def test_a_retry_whose_reply_is_lost_is_a_retry(distant: Client, proxy: CuttingProxy) -> None:
    job = distant.enqueue("raises", "ValueError")
    with pytest.raises(JobFailed):
        distant.wait(job)
    proxy.cuts = 1
    seen = distant.retry(job, "Discard")
    assert proxy.was_cut == 1
    assert seen["payload"] == "Discard"


def test_a_service_that_does_not_answer_is_given_up_in_time() -> None:
    with TestServer() as silent, silent.away("freeze"):  # any program that takes connections and says nothing
        client = Client(f"http://127.0.0.1:{silent.address.port}", "secret", timeout=1.5)
        began = time.monotonic()
        with pytest.raises(NoAnswer, match="TimeoutError"):
            client.enqueue("echo", 1)
        assert time.monotonic() - began < 5


def test_requests_of_threads_do_not_mix(distant: Client, proxy: CuttingProxy) -> None:
    answers: dict[int, object] = {}

    def work(number: int) -> None:
        for step in range(5):
            payload = [number, step]
            assert distant.job(distant.enqueue("echo", payload))["payload"] == payload
        answers[number] = distant.wait(distant.enqueue("echo", number))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: number for number in range(8)}
    assert proxy.connections <= 8


def test_connections_are_kept_and_replaced_when_they_are_gone(distant: Client, proxy: CuttingProxy) -> None:
    jobs = [distant.enqueue("noop") for _ in range(10)]
    assert proxy.connections == 1
    proxy.drop_all()
    wait_until(lambda: not proxy._open)
    assert distant.job(jobs[0])["jobId"] == jobs[0]["jobId"]
    assert proxy.connections == 2
    distant.close()
    distant.enqueue("noop")
    assert proxy.connections == 3
