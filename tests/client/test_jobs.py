"""A service that uses the client: jobs in, results out."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from queueflow_client import ApiError, Client, JobCancelled, JobFailed
from tests.client.service import Service

HUGE = 10**4000 + 1
LATER = timedelta(hours=1)


def test_a_result_comes_back_as_it_was_computed(client: Client) -> None:
    payload = {"huge": HUGE, "float": 1.0, "empty": [], "text": "żółw 🐢 \n \x00", "deep": [[[{"a": None}]]]}
    assert client.wait(client.enqueue("echo", payload)) == payload
    result = client.wait(client.enqueue("echo", [1.0, -0.0]))
    assert json.dumps(result) == "[1.0, -0.0]"
    assert client.wait(client.enqueue("noop")) is None


def test_options_arrive_in_the_words_of_the_interface(client: Client) -> None:
    job = client.enqueue(
        "echo",
        priority="high",
        queue="client-options",
        delay=LATER,
        max_retries=7,
        timeout=1.5,
        retention=timedelta(minutes=1),
        deduplication_key="client-options",
        deduplication_ttl=90,
        tags=("a", "b"),
        backoff={"base": 0.25, "factor": 3, "max": 5, "jitter": 0.5},
        job_id="client-options-1",
    )
    seen = client.job(job)
    assert job["jobId"] == "client-options-1"
    assert (job["status"], job["queue"], job["priority"]) == ("scheduled", "client-options", "high")
    assert seen["options"] == {
        "priority": "high",
        "queue": "client-options",
        "maxRetries": 7,
        "timeout": 1500,
        "retention": 60_000,
        "deduplicationKey": "client-options",
        "tags": ["a", "b"],
        "backoff": {"base": 250, "factor": 3.0, "max": 5000, "jitter": 0.5},
    }
    assert datetime.fromisoformat(job["runAt"]) - datetime.fromisoformat(job["createdAt"]) == LATER
    client.cancel(job)


def test_a_time_to_run_at_needs_an_offset(client: Client) -> None:
    moment = datetime(2100, 1, 2, 3, 4, 5, 678000, UTC)
    job = client.enqueue("echo", run_at=moment)
    assert datetime.fromisoformat(job["runAt"]) == moment
    client.cancel(job)
    with pytest.raises(ValueError, match="offset"):
        client.enqueue("echo", run_at=datetime(2100, 1, 2))  # noqa: DTZ001


def test_what_json_cannot_carry_is_refused_before_it_is_sent(client: Client) -> None:
    for payload, error in ((float("nan"), ValueError), ({1, 2}, TypeError), ("\ud800", ValueError)):
        with pytest.raises(error):
            client.enqueue("echo", payload)
    with pytest.raises(TypeError, match="'dely'"):
        client.enqueue("echo", None, dely=3)  # type: ignore[call-arg]


def test_a_job_that_dies_tells_why(client: Client) -> None:
    job = client.enqueue("raises", "ValueError", max_retries=0)
    with pytest.raises(JobFailed, match="wrong 42") as caught:
        client.wait(job)
    assert caught.value.job_id == job["jobId"]
    assert "wrong 42" in caught.value.error
    assert "Traceback" in caught.value.job["attempts"][-1]["traceback"]


def test_a_dead_job_runs_again_with_another_payload(client: Client) -> None:
    job = client.enqueue("raises", "KeyboardInterrupt")
    with pytest.raises(JobFailed):
        client.wait(job)
    assert client.retry(job, "ValueError")["payload"] == "ValueError"
    with pytest.raises(JobFailed, match="wrong 42"):
        client.wait(job["jobId"])
    client.retry(job)
    with pytest.raises(JobFailed, match="wrong 42"):
        client.wait(job["jobId"])


def test_a_cancelled_job_tells_the_reason(client: Client) -> None:
    job = client.enqueue("echo", delay=LATER)
    assert client.cancel(job, "not needed")["status"] == "cancelled"
    with pytest.raises(JobCancelled, match="not needed"):
        client.wait(job)
    with pytest.raises(ApiError) as caught:
        client.cancel(job)
    assert (caught.value.status, caught.value.code) == (409, "conflict")
    assert caught.value.document["jobStatus"] == "cancelled"


def test_a_wait_ends_in_time_and_says_how_the_job_is(client: Client) -> None:
    job = client.enqueue("echo", delay=LATER)
    with pytest.raises(TimeoutError, match=r"scheduled after 0\.[12]"):
        client.wait(job, timeout=0.1)
    with pytest.raises(TimeoutError, match="scheduled"):
        client.wait(job, timeout=timedelta(0))
    client.cancel(job)


def test_a_wait_without_limit_returns_when_the_job_ends(client: Client) -> None:
    assert client.wait(client.enqueue("sleep", {"seconds": 0.3}), timeout=None) == "slept"


def test_refusals_carry_the_whole_document(client: Client) -> None:
    with pytest.raises(ApiError) as caught:
        client.enqueue("echo", queue="UPPER", max_retries=-1)
    error = caught.value
    assert (error.status, error.code) == (422, "invalid")
    assert error.errors[0]["field"].startswith("options.")
    assert error.errors[0]["message"] in str(error)
    assert error.document["title"]
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_duplicate_names_the_job_that_was_first(client: Client) -> None:
    first = client.enqueue("echo", delay=LATER, deduplication_key="client-duplicate")
    with pytest.raises(ApiError) as caught:
        client.enqueue("echo", deduplication_key="client-duplicate")
    assert (caught.value.code, caught.value.document["jobId"]) == ("duplicate_job", first["jobId"])
    again = client.enqueue("echo", deduplication_key="client-duplicate", on_duplicate="return")
    assert again["jobId"] == first["jobId"]
    client.cancel(first)


def test_a_job_that_is_not_there_is_a_refusal(client: Client) -> None:
    for look in (client.job, client.wait, client.cancel, client.retry):
        with pytest.raises(ApiError) as caught:
            look("no-such-job/?x")
        assert (caught.value.status, caught.value.code) == (404, "not_found")


def test_a_key_that_may_not_is_told_so(service: Service) -> None:
    client = Client(service.url, service.new_key("enqueue"))
    job = client.enqueue("echo", 1)
    with pytest.raises(ApiError) as caught:
        client.job(job)
    assert caught.value.status == 403
    with pytest.raises(ApiError) as caught:
        Client(service.url, "qf_wrong").enqueue("echo", 1)
    assert (caught.value.status, caught.value.code) == (401, "unauthorized")
    client.close()
