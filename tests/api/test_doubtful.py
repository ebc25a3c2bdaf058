"""An enqueue whose answer is lost: the refusal names the job that may be there, and a repeat makes it once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs.api.gateway import get_gateway
from jobs.store.store import Store
from tests.api.conftest import ONE_WAY, Api, problem
from tests.support.polling import wait_until

pytestmark = ONE_WAY
JOB = {"type": "a", "payload": 1}


@pytest.fixture
def shaky(mortal_server, api_config, use, key):
    """A client of the API on a server that is about to go away; its next requests need not ask for tokens first."""
    use(replace(api_config, redis_url=mortal_server.url))
    made = Api(key())
    for _ in range(3):
        assert made.post("/jobs", JOB).status_code == 201
    return made


@pytest.fixture
def created(mortal_server, api_config):
    """Return a function that counts the jobs that were made; three are."""
    store = Store.open(replace(api_config, redis_url=mortal_server.url))
    yield lambda: store.reader.totals()["created"]
    store.close()


def test_a_job_that_may_be_there_is_named_and_made_once(mortal_server, shaky, created):
    with mortal_server.away("freeze"):
        refused = problem(shaky.post("/jobs", JOB), 503, "store_unavailable")
        assert refused["detail"] == (
            "The store cannot answer now (timeout). "
            "The job may be there; a repeat with the same jobId does not make it twice."
        )
    wait_until(lambda: created() == 4)  # it had read what was sent to it
    answer = wait_until(lambda: taken(shaky.post("/jobs", JOB | {"jobId": refused["jobId"]})))
    assert (answer.status_code, answer.json()["jobId"], created()) == (200, refused["jobId"], 4)


def test_a_job_that_is_surely_not_there_is_not_named(mortal_server, shaky):
    with mortal_server.away("freeze"):
        wait_until(lambda: shaky.post("/jobs", JOB).status_code == 503 and get_gateway().breaker.is_shut)
        assert "jobId" not in problem(shaky.post("/jobs", JOB), 503, "store_unavailable")


def test_of_a_bulk_that_is_lost_whole_each_job_is_named_and_made_once(mortal_server, shaky, created):
    jobs = [{"type": "?", "options": {"delay": -1}}, *({"type": "a", "payload": number} for number in range(5))]
    with mortal_server.away("freeze"):
        refused = problem(shaky.post("/jobs/bulk", {"jobs": jobs}), 503, "store_unavailable")
    assert [each["index"] for each in refused["refused"]] == [1, 2, 3, 4, 5]
    assert {each["code"] for each in refused["refused"]} == {"store_unavailable"}
    wait_until(lambda: created() == 8)
    again = {"jobs": [jobs[each["index"]] | {"jobId": each["jobId"]} for each in refused["refused"]]}
    answer = wait_until(lambda: taken(shaky.post("/jobs/bulk", again)))
    assert [each["jobId"] for each in answer.json()["accepted"]] == [each["jobId"] for each in refused["refused"]]
    assert created() == 8


def taken(answer):
    return answer if answer.status_code < 300 else None
