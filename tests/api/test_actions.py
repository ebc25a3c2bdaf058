"""What a person does to one job, and where its state forbids it."""

import pytest

from tests.api.conftest import answering, problem
from tests.support.jobs import completed, failed, snoozed

RETRY_EXACT = b'{"big":12345678901234567890123,"id":130775545883395173,"one":1.0,"list":[],"map":{},"text":"007"}'


@pytest.fixture
def in_state(kit):
    """Return a function that makes a job in a state and returns its id."""
    worker = kit.worker()

    def make(state):
        if state == "pending":
            return kit.enqueue()
        if state == "scheduled":
            return kit.enqueue(delay_ms=60_000)
        claim = kit.claimed(worker, queue=state)
        if state == "completed":
            worker.complete([completed(claim)])
        elif state in {"dead", "retrying"}:
            worker.fail([failed(claim, delay_ms=60_000, final=state == "dead")])
        elif state == "cancelled":
            worker.snooze([snoozed(claim, 60_000)])
            kit.operator.cancel([claim.id])
        return claim.id

    return make


ALL = ("scheduled", "pending", "active", "retrying", "completed", "dead", "cancelled")
CANCELLABLE = {"scheduled", "pending", "active", "retrying"}
OVER = {"completed", "dead", "cancelled"}


@pytest.mark.parametrize("state", ALL)
def test_cancel(api, in_state, state):
    job_id = in_state(state)
    response = api.post(f"/jobs/{job_id}/cancel", {"reason": "not needed"})
    if state not in CANCELLABLE:
        assert problem(response, 409, "conflict")["jobStatus"] == state
    elif state == "active":
        assert (response.json()["status"], response.json()["cancelRequested"]) == ("active", True)
    else:
        assert (response.json()["status"], response.json()["error"]) == ("cancelled", "not needed")


@pytest.mark.parametrize("state", ALL)
def test_retry(api, in_state, state):
    job_id = in_state(state)
    response = api.post(f"/jobs/{job_id}/retry")
    if state != "dead":
        problem(response, 409, "conflict")
    else:
        shown = response.json()
        assert (shown["status"], shown["attemptsMade"], len(shown["attempts"])) == ("pending", 0, 1)


@pytest.mark.parametrize("state", ALL)
def test_run_now(api, in_state, state):
    job_id = in_state(state)
    response = api.post(f"/jobs/{job_id}/run-now")
    if state in {"scheduled", "retrying"}:
        assert response.json()["status"] == "pending"
    else:
        problem(response, 409, "conflict")


@pytest.mark.parametrize("state", ALL)
def test_rerun(api, in_state, state):
    job_id = in_state(state)
    response = api.post(f"/jobs/{job_id}/rerun")
    if state not in OVER:
        problem(response, 409, "conflict")
    else:
        made = response.json()
        assert response.status_code == 200
        assert made["jobId"] != job_id
        assert (made["status"], made["queue"], made["payload"]) == ("pending", state, {})
        assert response["Location"] == f"/api/jobs/{made['jobId']}"
        old = api.get(f"/jobs/{job_id}").json()
        assert (old["status"], old["rerunOf"], old["reruns"]) == (state, None, [made["jobId"]])
        assert (made["rerunOf"], made["reruns"]) == (job_id, [])


@pytest.mark.parametrize("state", ALL)
def test_delete(api, in_state, state):
    job_id = in_state(state)
    response = api.delete(f"/jobs/{job_id}")
    if state == "active":
        problem(response, 409, "conflict")
    else:
        assert (response.status_code, response.content) == (204, b"")
        problem(api.get(f"/jobs/{job_id}"), 404, "not_found")


@pytest.mark.parametrize("action", ["cancel", "retry", "run-now", "rerun"])
def test_nothing_is_done_to_a_job_that_is_not_there(api, action):
    problem(api.post(f"/jobs/nobody/{action}"), 404, "not_found")
    problem(api.delete("/jobs/nobody"), 404, "not_found")


def test_a_retry_may_replace_the_payload_byte_for_byte(api, kit, in_state):
    job_id = in_state("dead")
    response = api.post(f"/dlq/{job_id}/retry", b'{"payload":' + RETRY_EXACT + b"}")
    assert b'"payload":' + RETRY_EXACT in response.content
    assert response.json()["payloadVersion"] == 2
    [claim] = kit.claim(kit.worker(), queue="dead")
    assert claim.envelope is not None
    assert claim.envelope.payload == RETRY_EXACT


@pytest.mark.parametrize(("body", "version"), [(b'{"payload":null}', 2), (b"{}", 1), (b"", 1)])
def test_null_is_a_payload_and_nothing_is_none(api, in_state, body, version):
    assert api.post(f"/dlq/{in_state('dead')}/retry", body).json()["payloadVersion"] == version


@pytest.mark.parametrize("payload", [b'{"a":1,"a":2}', b"1e999", b'"' + b"x" * 1_048_576 + b'"'])
def test_a_bad_payload_replaces_nothing(api, in_state, payload):
    job_id = in_state("dead")
    response = api.post(f"/dlq/{job_id}/retry", b'{"payload":' + payload + b"}")
    assert response.status_code in {413, 422}
    assert api.get(f"/jobs/{job_id}").json()["status"] == "dead"


def test_a_retry_answers_409_while_its_deduplication_key_is_held(api, kit):
    worker = kit.worker()
    claim = kit.claimed(worker, deduplication_key="k")
    worker.fail([failed(claim, final=True)])
    holder = kit.enqueue(deduplication_key="k")
    assert problem(api.post(f"/dlq/{claim.id}/retry"), 409, "duplicate_job")["jobId"] == holder


def test_the_dlq_knows_dead_jobs_only(api, in_state):
    pending, dead = in_state("pending"), in_state("dead")
    problem(api.delete(f"/dlq/{pending}"), 404, "not_found")
    problem(api.post(f"/dlq/{pending}/retry"), 409, "conflict")
    assert api.delete(f"/dlq/{dead}").status_code == 204
    problem(api.delete(f"/dlq/{dead}"), 404, "not_found")


def test_a_job_shows_what_happened_to_it(api, kit):
    worker = kit.worker("host-1")
    job_id = kit.enqueue(max_retries=1)
    [claim] = kit.claim(worker)
    worker.report([(claim, '{"percent":50,"message":"half"}', ["first line", "second"])])
    worker.fail([failed(claim, delay_ms=10)])
    kit.advance(20)
    kit.promote()
    [claim] = kit.claim(worker)
    running = api.get(f"/jobs/{job_id}").json()
    assert running["progress"] == {"percent": 50, "message": "half"}
    assert running["log"] == ["first line", "second"]
    assert [each["outcome"] for each in running["attempts"]] == ["failed", "running"]
    worker.complete([completed(claim, b'{"sum":42}')])
    shown = api.get(f"/jobs/{job_id}").json()
    assert shown["result"] == {"sum": 42}
    assert [each["event"] for each in shown["timeline"]] == ["enqueued", "claimed", "failed", "claimed", "completed"]
    first = shown["attempts"][0]
    assert (first["worker"], first["error"], first["errorMessage"]) == ("host-1", "ValueError", "boom")
    assert first["traceback"].startswith("Traceback")
    times = [each["at"] for each in shown["timeline"]]
    assert times == sorted(times)


def test_the_stack_of_a_job_that_nobody_runs_is_a_conflict(api, kit):
    kit.enqueue("waits")
    assert problem(api.get("/jobs/waits/stack"), 409, "conflict")["jobStatus"] == "pending"


def test_a_worker_that_does_not_answer_is_named(api, kit):
    worker = kit.worker("silent-one")
    claim = kit.claimed(worker)
    refused = problem(api.get(f"/jobs/{claim.id}/stack"), 503, "worker_silent")
    assert "silent-one" in refused["detail"]


def test_an_answer_of_the_worker_is_passed_on(api, kit):
    claim = kit.claimed(kit.worker("there"))
    thread = answering(kit, "there", b'{"state":"running","lines":["a.py, line 1"]}')
    shown = api.get(f"/jobs/{claim.id}/stack").json()
    thread.join()
    assert shown == {
        "jobId": claim.id, "type": "echo", "worker": "there", "waiting": False, "lines": ["a.py, line 1"],
        "source": "worker",
    }  # fmt: skip
