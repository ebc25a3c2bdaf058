"""A repeated request gets the first answer, and no key serves two requests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs.ids import derived_id
from jobs.models import ApiKey
from jobs.store.codes import MoveCode
from jobs.store.operations import TooManyOperations
from jobs.store.registry import WorkerInfo
from tests.api.conftest import problem
from tests.support.jobs import completed, failed

KEY = {"Idempotency-Key": "once"}
JOB = {"type": "echo", "payload": 1}
KEYED = {"deduplicationKey": "one"}
HELD = JOB | {"options": KEYED | {"onDuplicate": "return"}}
REJECTED = JOB | {"options": KEYED}
OPERATION = {"action": "retry", "filter": {}, "all": True}


@pytest.fixture
def strict(api_config, use, api, monkeypatch):
    """Refuse types that nobody knows, and notice at once what workers announce."""
    monkeypatch.setattr("jobs.store.registry.CACHE_SECONDS", -1)
    use(replace(api_config, accept_unknown_types=False))


def knows(*types):
    return WorkerInfo(
        id="w", incarnation="0" * 16, pool="p", host="h", pid=1, queues=("default",), types=types, concurrency=1
    )


def test_a_bulk_that_is_cut_otherwise_the_second_time_reports_only_jobs_that_are_there(api, kit, strict):
    kit.store.registry.heartbeat(knows("echo"))
    body = {"jobs": [{"type": "later", "payload": 1}] * 50 + [JOB] * 250}
    first = api.post("/jobs/bulk", body, **KEY).json()
    assert (len(first["accepted"]), len(first["refused"])) == (250, 50)
    kit.store.registry.heartbeat(knows("echo", "later"))
    again = api.post("/jobs/bulk", body, **KEY).json()
    there = kit.reader.records([job["jobId"] for job in again["accepted"]])
    assert all(record is not None for record in there)
    assert {job["jobId"] for job in first["accepted"]} <= {job["jobId"] for job in again["accepted"]}
    assert api.get("/stats").json()["total"] == len(again["accepted"])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("/jobs", JOB), ("/jobs/bulk", {"jobs": [JOB]})),
        (("/jobs/bulk", {"jobs": [JOB]}), ("/jobs", JOB)),
        (("/jobs/bulk", {"jobs": [JOB]}), ("/jobs/bulk", {"jobs": [JOB] * 2})),
        (("/jobs/bulk", {"jobs": [JOB]}), ("/dlq/operations", OPERATION)),
        (("/dlq/operations", OPERATION), ("/jobs/operations", OPERATION)),
    ],
)
def test_a_key_serves_one_request(api, first, second):
    assert api.post(*first, **KEY).status_code < 300
    problem(api.post(*second, **KEY), 422, "idempotency_key_reused")


def test_an_operation_that_was_refused_frees_its_key(api, kit, monkeypatch):
    operations = type(kit.store.operations)

    def refuse(*args, **options):
        raise TooManyOperations("as many as may run are running")

    with monkeypatch.context() as patch:
        patch.setattr(operations, "open", refuse)
        problem(api.post("/dlq/operations", OPERATION, **KEY), 409, "conflict")
    assert api.post("/dlq/operations", OPERATION | {"reason": "again"}, **KEY).status_code == 202


def test_a_repeated_bulk_gives_the_first_answer(api):
    answers = [api.post("/jobs/bulk", {"jobs": [JOB] * 120}, **KEY).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert api.get("/stats").json()["total"] == 120


def test_nobody_else_can_know_the_id_of_an_idempotent_job(api, key):
    made = api.post("/jobs", JOB, **KEY).json()["jobId"]
    principal = f"key:{ApiKey.objects.get().pk}"
    assert made != derived_id(principal, "once", "0")


def test_a_repeat_gets_its_first_answer_when_nobody_knows_the_type_any_more(api, kit, strict):
    kit.store.registry.heartbeat(knows("echo"))
    first = api.post("/jobs", JOB, **KEY)
    assert first.status_code == 201
    kit.store.registry.heartbeat(knows("other"))
    again = api.post("/jobs", JOB, **KEY)
    assert (again.status_code, again.content) == (201, first.content)
    problem(api.post("/jobs", JOB | {"payload": 2}, **KEY), 422, "idempotency_key_reused")
    problem(api.post("/jobs", JOB, **{"Idempotency-Key": "other"}), 422, "unknown_job_type")


def test_a_job_of_ones_own_id_is_returned_when_nobody_knows_its_type_any_more(api, kit, strict):
    kit.store.registry.heartbeat(knows("echo"))
    own = JOB | {"jobId": "mine"}
    first = api.post("/jobs", own)
    assert first.status_code == 201
    kit.store.registry.heartbeat(knows("other"))
    again = api.post("/jobs", own)
    assert (again.status_code, again.json()) == (200, first.json())
    bulk = api.post("/jobs/bulk", {"jobs": [JOB, own, own | {"type": "else"}]}).json()
    assert bulk["accepted"] == [{"index": 1, "jobId": "mine"}]
    assert [(job["index"], job["code"]) for job in bulk["refused"]] == [
        (0, "unknown_job_type"),
        (2, "unknown_job_type"),
    ]
    problem(api.post("/jobs", JOB | {"jobId": "another"}), 422, "unknown_job_type")
    problem(api.post("/jobs", own | {"type": "else"}), 422, "unknown_job_type")
    assert api.get("/stats").json()["total"] == 1


def test_a_repeated_bulk_accepts_what_it_has_made_when_nobody_knows_the_type_any_more(api, kit, strict):
    kit.store.registry.heartbeat(knows("echo", "known"))
    body = {"jobs": [JOB, {"type": "never", "payload": 1}, {"type": "known", "payload": 1}]}
    first = api.post("/jobs/bulk", body, **KEY).json()
    assert [job["index"] for job in first["accepted"]] == [0, 2]
    kit.store.registry.heartbeat(knows("known"))
    assert api.post("/jobs/bulk", body, **KEY).json() == first


@pytest.fixture
def holder(api):
    """Enqueue the job that holds the key of HELD; return its id."""
    return api.post("/jobs", JOB | {"options": KEYED | {"queue": "elsewhere", "priority": "high"}}).json()["jobId"]


def start(kit, queue="elsewhere"):
    worker = kit.worker()
    return worker, kit.claim(worker, queue=queue)


@pytest.mark.parametrize("after", ["active", "completed", "gone"])
def test_a_repeat_tells_of_the_holder_of_a_key_what_was_told_first(api, kit, holder, after):
    first = api.post("/jobs", HELD, **KEY)
    assert first.status_code == 200
    assert first.json() | {"createdAt": "", "runAt": ""} == {
        "jobId": holder, "type": "echo", "status": "pending", "queue": "elsewhere", "priority": "high",
        "createdAt": "", "runAt": "",
    }  # fmt: skip
    worker, claims = start(kit)
    if after != "active":
        worker.complete([completed(claims[0])])
    if after == "gone":
        assert api.delete(f"/jobs/{holder}").status_code == 204
    again = api.post("/jobs", HELD, **KEY)
    assert (again.status_code, again.content) == (200, first.content)


def test_a_bulk_tells_of_the_holder_of_a_key_what_was_told_first(api, kit, holder):
    first = api.post("/jobs/bulk", {"jobs": [HELD, HELD]}, **KEY)
    assert first.json() == {"accepted": [{"index": at, "jobId": holder} for at in (0, 1)], "refused": []}
    worker, claims = start(kit)
    worker.complete([completed(claims[0])])
    again = api.post("/jobs/bulk", {"jobs": [HELD, HELD]}, **KEY)
    assert (again.status_code, again.content) == (201, first.content)
    assert api.get("/stats").json()["total"] == 1


def test_a_bulk_whose_jobs_were_all_refused_is_answered_so_again(api, kit, holder):
    first = api.post("/jobs/bulk", {"jobs": [REJECTED]}, **KEY)
    assert [job["jobId"] for job in first.json()["refused"]] == [holder]
    worker, claims = start(kit)
    worker.complete([completed(claims[0])])
    again = api.post("/jobs/bulk", {"jobs": [REJECTED]}, **KEY)
    assert (again.status_code, again.content) == (201, first.content)


def test_a_holder_that_cannot_be_read_is_named_all_the_same(api, kit, holder):
    kit.client.call("HSET", kit.keys.metadata, holder, b"\xc1 no record")
    first = api.post("/jobs", HELD, **KEY)
    assert (first.status_code, first.json()["jobId"]) == (200, holder)
    assert api.post("/jobs", HELD, **KEY).content == first.content
    problem(api.post("/jobs", REJECTED), 409, "duplicate_job")


def test_a_repeat_is_answered_as_first_when_its_job_is_on_another_queue_or_gone(api, kit):
    first = api.post("/jobs", JOB, **KEY)
    worker, claims = start(kit, "default")
    worker.fail([failed(claims[0], final=True)])
    assert kit.operator.retry([claims[0].id], queue="elsewhere")[0].code is MoveCode.DONE
    assert api.post("/jobs", JOB, **KEY).content == first.content
    assert api.delete(f"/jobs/{claims[0].id}").status_code == 204
    again = api.post("/jobs", JOB, **KEY)
    assert (again.status_code, again.content) == (201, first.content)
