"""POST /api/jobs: what comes in goes out again, byte for byte."""

from dataclasses import replace

import msgspec
import pytest
from django.test import override_settings

from jobs.middleware import Middleware, get_chain
from jobs.types import Priority
from tests.api.conftest import Api, problem
from tests.support.jobs import completed


def test_a_job_is_made_and_shown(api):
    response = api.post("/jobs", {"type": "mail", "payload": {"to": "a@b.c"}})
    assert response.status_code == 201
    receipt = response.json()
    assert set(receipt) == {"jobId", "type", "status", "queue", "priority", "createdAt", "runAt"}
    assert (receipt["type"], receipt["status"], receipt["queue"], receipt["priority"]) == (
        "mail", "pending", "default", "normal",
    )  # fmt: skip
    assert response["Location"] == f"/api/jobs/{receipt['jobId']}"
    shown = api.get(f"/jobs/{receipt['jobId']}").json()
    assert shown["payload"] == {"to": "a@b.c"}
    assert shown["createdAt"] == receipt["createdAt"]
    assert shown["createdAt"].endswith("Z")
    assert shown["unreadable"] == []


@pytest.mark.parametrize(
    "payload",
    [
        b"130775545883395173", b"12345678901234567890123", b"1.0", b"[]", b"{}", b'"007"', b"null", b"-0.0", b"1e2",
        b'{"b":1,"a":{"z":[1,2.50,3]}}', b'"\\u00e9\xc3\xa9"', b'"\\u0000"', b"[ 1 ,\n 2 ]",
    ],
)  # fmt: skip
def test_a_payload_comes_back_byte_for_byte(api, payload):
    made = api.post("/jobs", b'{"type":"echo","payload":' + payload + b"}")
    assert made.status_code == 201, made.content
    shown = api.get(f"/jobs/{made.json()['jobId']}")
    assert b'"payload":' + payload.strip() + b"," in shown.content


def test_options_are_kept(api):
    options = {
        "priority": "high", "queue": "mail", "delay": 60_000, "maxRetries": 7, "timeout": 1500, "retention": 1000,
        "deduplicationKey": "order-7", "deduplicationTtl": 60_000, "tags": ["a", "b"],
        "backoff": {"base": 250, "factor": 3, "max": 9000, "jitter": 0},
    }  # fmt: skip
    receipt = api.post("/jobs", {"type": "mail", "payload": {}, "options": options}).json()
    assert (receipt["status"], receipt["queue"], receipt["priority"]) == ("scheduled", "mail", "high")
    shown = api.get(f"/jobs/{receipt['jobId']}").json()["options"]
    assert shown["maxRetries"] == 7
    assert shown["timeout"] == 1500
    assert shown["retention"] == 1000
    assert shown["deduplicationKey"] == "order-7"
    assert shown["tags"] == ["a", "b"]
    assert shown["backoff"] == {"base": 250, "factor": 3.0, "max": 9000, "jitter": 0.0}


def test_a_job_may_run_at_a_time(api):
    options = {"runAt": "2099-01-01T01:00:00+01:00"}
    receipt = api.post("/jobs", {"type": "a", "payload": 1, "options": options}).json()
    assert (receipt["status"], receipt["runAt"]) == ("scheduled", "2099-01-01T00:00:00.000Z")


def test_a_time_of_the_past_runs_at_once(api):
    receipt = api.post("/jobs", {"type": "a", "payload": 1, "options": {"runAt": "2001-01-01T00:00:00Z"}}).json()
    assert receipt["status"] == "pending"


def test_a_duplicate_is_refused_with_the_holder(api):
    body = {"type": "a", "payload": 1, "options": {"deduplicationKey": "k"}}
    first = api.post("/jobs", body).json()["jobId"]
    assert problem(api.post("/jobs", body), 409, "duplicate_job")["jobId"] == first


def test_a_duplicate_may_be_answered_with_the_holder(api):
    body = {"type": "a", "payload": 1, "options": {"deduplicationKey": "k", "queue": "mail"}}
    first = api.post("/jobs", body).json()
    again = api.post("/jobs", {**body, "options": {"deduplicationKey": "k", "onDuplicate": "return"}})
    assert again.status_code == 200
    assert again.json() == first


def test_a_repeated_id_of_the_client_makes_nothing(api):
    first = api.post("/jobs", {"type": "a", "payload": 1, "jobId": "my:job-1"})
    again = api.post("/jobs", {"type": "a", "payload": 1, "jobId": "my:job-1"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert api.get("/stats").json()["total"] == 1


class Mover(Middleware):
    """Sends every job to another queue, as urgent."""

    def before_enqueue(self, request):
        return msgspec.structs.replace(request, queue="moved", priority=Priority.HIGH)


def test_a_receipt_says_what_middleware_has_made_of_the_request(api):
    with override_settings(QUEUEFLOW_MIDDLEWARE=[f"{__name__}.Mover"]):
        get_chain.cache_clear()
        try:
            receipt = api.post("/jobs", {"type": "mail", "payload": 1, "options": {"queue": "mail"}}).json()
        finally:
            get_chain.cache_clear()
    assert (receipt["queue"], receipt["priority"]) == ("moved", "high")
    shown = api.get(f"/jobs/{receipt['jobId']}").json()
    assert (shown["queue"], shown["priority"]) == ("moved", "high")


def test_an_unknown_type_is_refused(api_config, use, key):
    use(replace(api_config, accept_unknown_types=False))
    document = problem(Api(key()).post("/jobs", {"type": "nobody", "payload": 1}), 422, "unknown_job_type")
    [fault] = document["errors"]
    assert fault["field"] == "type"
    [refused] = Api(key()).post("/jobs/bulk", {"jobs": [{"type": "nobody", "payload": 1}]}).json()["refused"]
    assert refused == {"index": 0, "code": document["code"], "detail": document["detail"], "field": "type"}


def test_an_idempotency_key_gets_the_same_answer(api):
    body = {"type": "a", "payload": {"n": 1}}
    first = api.post("/jobs", body, **{"Idempotency-Key": "abc"})
    again = api.post("/jobs", body, **{"Idempotency-Key": "abc"})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert api.get("/stats").json()["total"] == 1
    other = api.post("/jobs", {"type": "a", "payload": {"n": 2}}, **{"Idempotency-Key": "abc"})
    problem(other, 422, "idempotency_key_reused")


def test_a_refused_request_leaves_its_idempotency_key_free(api):
    bad, good = {"type": "a"}, {"type": "a", "payload": 1}
    assert api.post("/jobs", bad, **{"Idempotency-Key": "k"}).status_code == 422
    assert api.post("/jobs", good, **{"Idempotency-Key": "k"}).status_code == 201


def test_two_callers_may_use_the_same_idempotency_key(api, key):
    body = {"type": "a", "payload": 1}
    first = api.post("/jobs", body, **{"Idempotency-Key": "k"}).json()["jobId"]
    assert Api(key()).post("/jobs", body, **{"Idempotency-Key": "k"}).json()["jobId"] != first


def test_bulk_accepts_and_refuses_each_by_itself(api):
    jobs = [
        {"type": "a", "payload": 1},
        {"type": "a"},
        {"type": "a b", "payload": 1},
        {"type": "a", "payload": 1, "options": {"delay": -1}},
        {"type": "a", "payload": 2, "options": {"deduplicationKey": "k"}},
        {"type": "a", "payload": 3, "options": {"deduplicationKey": "k"}},
        [],
    ]
    answer = api.post("/jobs/bulk", {"jobs": jobs})
    assert answer.status_code == 201
    made = answer.json()
    assert [each["index"] for each in made["accepted"]] == [0, 4]
    refused = {each["index"]: each for each in made["refused"]}
    assert list(refused) == [1, 2, 3, 5, 6]
    assert refused[1]["field"] == "payload"
    assert refused[2]["code"] == "invalid"
    assert refused[3]["field"] == "options.delay"
    assert refused[5]["code"] == "duplicate_job"
    assert refused[5]["jobId"] == made["accepted"][1]["jobId"]


def test_bulk_takes_a_thousand_and_no_more(api):
    jobs = [{"type": "a", "payload": n} for n in range(1001)]
    problem(api.post("/jobs/bulk", {"jobs": jobs}), 422, "invalid")
    answer = api.post("/jobs/bulk", {"jobs": jobs[:1000]}, **{"Idempotency-Key": "b"})
    assert len(answer.json()["accepted"]) == 1000
    assert api.post("/jobs/bulk", {"jobs": jobs[:1000]}, **{"Idempotency-Key": "b"}).content == answer.content
    assert api.get("/stats").json()["total"] == 1000


def test_bulk_with_a_repeated_key_inside_one_job_refuses_that_one(api):
    answer = api.post("/jobs/bulk", b'{"jobs":[{"type":"a","payload":{"x":1,"x":2}},{"type":"a","payload":1}]}').json()
    assert [each["index"] for each in answer["accepted"]] == [1]


def test_a_result_comes_back_byte_for_byte(api, kit):
    job_id = api.post("/jobs", b'{"type":"a","payload":12345678901234567890123}').json()["jobId"]
    worker = kit.worker()
    [claim] = kit.claim(worker)
    result = b'{"n":12345678901234567890123,"f":1.0}'
    worker.complete([completed(claim, result)])
    shown = api.get(f"/jobs/{job_id}")
    assert b'"result":' + result in shown.content
    assert shown.json()["attempts"][0]["outcome"] == "completed"


def test_a_job_like_another_holds_its_deduplication_key_for_as_long(api, kit):
    options = {"deduplicationKey": "once", "deduplicationTtl": 60_000}
    first = api.post("/jobs", {"type": "a", "payload": 1, "options": options}).json()["jobId"]
    api.post(f"/jobs/{first}/cancel")
    made = kit.record(api.post(f"/jobs/{first}/rerun").json()["jobId"])
    assert made.deduplication_until - made.created == 60_000
