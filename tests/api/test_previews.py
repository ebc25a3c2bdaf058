"""How many jobs an operation would be about: exactly where an index tells, and nothing is done."""

import pytest

from jobs.types import Failure
from tests.api.conftest import Api, problem
from tests.support.jobs import failed


@pytest.fixture
def dead(kit):
    """Three dead jobs of one error and type, two of another."""
    worker = kit.worker()
    for failure, job_type, count in (
        (Failure("ValueError", "boom", "", "b" * 16), "mail", 3),
        (Failure("KeyError", "missing", "", "e" * 16), "etl", 2),
    ):
        claims = [kit.claimed(worker, type=job_type, payload=b'{"n":1}') for _ in range(count)]
        worker.fail([failed(claim, failure, final=True) for claim in claims])


@pytest.mark.parametrize(
    ("wanted", "matched"),
    [({"type": "mail"}, 3), ({"error": "e" * 16}, 2), ({"q": "n"}, 5), ({"q": "no"}, 0), ({"queue": "default"}, 5)],
)
def test_dead_jobs_are_counted_and_left_alone(api, dead, wanted, matched):
    body = {"action": "retry", "filter": wanted, "reason": "a look"}
    assert api.post("/dlq/operations/preview", body).json() == {"matched": matched, "atLeast": matched}
    assert api.get("/stats").json()["byState"]["dead"] == 5
    assert api.get("/operations").json()["items"] == []


def test_only_jobs_in_a_state_to_be_acted_on_count(api, kit, dead):
    kit.enqueue_many(4, queue="mail")
    kit.enqueue_many(3, queue="mail", delay_ms=60_000)
    body = {"action": "cancel", "filter": {"queue": "mail"}}
    assert api.post("/jobs/operations/preview", body).json() == {"matched": 7, "atLeast": 7}
    body["action"] = "runNow"
    assert api.post("/jobs/operations/preview", body).json() == {"matched": 3, "atLeast": 3}


def test_of_ids_those_count_that_are_there_to_be_acted_on(api, kit):
    waiting, running = kit.enqueue(), kit.claimed(queue="other").id

    def matched(action, **rest):
        wanted = {"jobIds": [waiting, running, "nobody", waiting]} | rest
        preview = api.post("/jobs/operations/preview", {"action": action, "filter": wanted}).json()
        assert preview["matched"] == preview["atLeast"]
        return preview["matched"]

    assert (matched("delete"), matched("cancel")) == (1, 2)
    assert matched("cancel", queue="other") == 1
    assert matched("cancel", q="no such text") == 0


def test_what_takes_too_long_to_count_has_a_least_number(api, kit):
    for _ in range(3):
        kit.enqueue_many(1000, queue="mail")
    body = {"action": "cancel", "filter": {"queue": "mail"}}
    assert api.post("/jobs/operations/preview", body).json() == {"matched": None, "atLeast": 500}


def test_a_preview_needs_the_right_and_a_meaning_like_the_operation(api, key):
    body = {"action": "retry", "filter": {}}
    problem(api.post("/dlq/operations/preview", body), 422, "invalid")
    assert api.post("/dlq/operations/preview", body | {"all": True}).json()["matched"] == 0
    problem(Api(key("read")).post("/jobs/operations/preview", body | {"all": True}), 403, "missing_scope")
