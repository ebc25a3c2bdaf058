"""Many jobs at once: split into requests, each accepted or refused by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from queueflow_client import ApiError, Client
from queueflow_client.bulk import BULK_BYTES
from tests.client.service import Service
from tests.examples.api_stand_in import ApiStandIn, serve

LATER = timedelta(hours=1)
QUEUE = "client-bulk"


def later(**job: Any) -> dict[str, Any]:
    return {"type": "echo", "queue": QUEUE, "delay": LATER, **job}


def test_any_number_of_jobs_arrives_in_order(service: Service, client: Client) -> None:
    outcome = client.enqueue_many(later(payload=number) for number in range(2501))
    assert outcome.refused == []
    assert [index for index, _ in outcome.accepted] == list(range(2501))
    ids = [job_id for _, job_id in outcome.accepted]
    assert len(set(ids)) == 2501
    for at in (0, 999, 1000, 2000, 2500):
        assert int(service.payload(ids[at])) == at


def test_what_is_wrong_with_one_refuses_that_one(client: Client) -> None:
    jobs = [
        later(payload=1, deduplication_key="client-bulk"),
        later(payload=2, deduplication_key="client-bulk"),
        later(payload=float("nan")),
        later(payload=3, dely=1),
        later(payload=4, queue="UPPER"),
        later(payload=5, run_at=datetime(2100, 1, 1), delay=None),  # noqa: DTZ001
        {"payload": 6},
        later(payload="x" * BULK_BYTES),
        later(payload="x" * 1_100_000),
        later(payload=9),
    ]
    outcome = client.enqueue_many(jobs)
    assert [index for index, _ in outcome.accepted] == [0, 9]
    found = [(refused.index, refused.code) for refused in outcome.refused]
    assert found == [
        (1, "duplicate_job"),
        *((index, "invalid") for index in range(2, 7)),
        (7, "payload_too_large"),
        (8, "payload_too_large"),
    ]
    assert outcome.refused[0].job_id == outcome.accepted[0][1]
    assert "'dely'" in outcome.refused[2].detail
    assert str(outcome.refused[3].field).startswith("options")


def test_large_jobs_are_split_by_their_bytes() -> None:
    with serve(ApiStandIn()) as api:
        client = Client(api.url, "secret")
        outcome = client.enqueue_many({"type": "a", "payload": "x" * 5_000_000} for _ in range(7))
        client.close()
    assert [index for index, _ in outcome.accepted] == list(range(7))
    assert [len(call.body["jobs"]) for call in api.calls] == [3, 3, 1]
    assert all(int(call.headers["Content-Length"]) <= 16 * 1024 * 1024 for call in api.calls)
    assert len({call.headers["Idempotency-Key"] for call in api.calls}) == 3


def test_no_jobs_are_no_request(service: Service) -> None:
    outcome = Client("http://127.0.0.1:9", "secret").enqueue_many([])
    assert (outcome.accepted, outcome.refused) == ([], [])


def test_a_store_that_goes_and_comes_back_midway_loses_and_doubles_nothing(
    service: Service, client: Client, down_for: Callable[[], None]
) -> None:
    def jobs() -> Iterator[dict[str, Any]]:
        for number in range(3000):
            if number == 1500:  # the first thousand has been sent
                down_for()
            yield later(payload=number)

    before = service.jobs_made()
    outcome = client.enqueue_many(jobs())
    assert outcome.refused == []
    assert len({job_id for _, job_id in outcome.accepted}) == 3000
    assert service.jobs_made() == before + 3000


def test_a_store_that_stays_away_midway_refuses_the_rest(service: Service) -> None:
    client = Client(service.url, service.key, timeout=1.0)

    def jobs() -> Iterator[dict[str, Any]]:
        for number in range(2500):
            if number == 1000:
                service.server.stop()
            yield later(payload=number)

    try:
        outcome = client.enqueue_many(jobs())
        with pytest.raises(ApiError) as caught:
            client.enqueue_many([later(payload=1)])
    finally:
        service.server.start()
        client.close()
    assert (caught.value.status, caught.value.code) == (503, "store_unavailable")
    assert {index for index, _ in outcome.accepted} | {each.index for each in outcome.refused} == set(range(2500))
    assert len(outcome.accepted) + len(outcome.refused) == 2500
    assert {each.code for each in outcome.refused} == {"store_unavailable"}
    assert len(outcome.accepted) == 1000


def test_what_the_service_could_not_take_of_a_request_is_sent_again() -> None:
    partly = {
        "accepted": [{"index": 0, "jobId": "a"}],
        "refused": [{"index": 1, "code": "store_unavailable", "detail": "the store went away"}],
    }
    with serve(ApiStandIn(first=[(201, {}, partly)])) as api:
        client = Client(api.url, "secret")
        outcome = client.enqueue_many([{"type": "a"}, {"type": "b"}])
        client.close()
    assert [index for index, _ in outcome.accepted] == [0, 1]
    assert len(api.calls) == 2
    assert api.calls[0].body == api.calls[1].body
    assert api.calls[0].headers["Idempotency-Key"] == api.calls[1].headers["Idempotency-Key"]
