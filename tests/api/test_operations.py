"""Bulk operations by REST: started once, followed, aborted, carried out by maintenance."""

import pytest

from jobs.maintenance.bulk import NAME, BulkOperations
from jobs.maintenance.leadership import Leadership
from jobs.models import AuditEntry
from jobs.types import Failure
from tests.api.conftest import problem
from tests.support.jobs import completed, failed
from tests.support.polling import wait_until

OTHER = Failure("KeyError", "missing", "", "e" * 16)


@pytest.fixture
def dead(kit):
    """Ten dead jobs of one error and three of another."""
    worker = kit.worker()
    first = [kit.claimed(worker, type="mail") for _ in range(10)]
    second = [kit.claimed(worker, type="etl") for _ in range(3)]
    worker.fail([failed(claim, final=True) for claim in first])
    worker.fail([failed(claim, OTHER, final=True) for claim in second])
    return [claim.id for claim in first], [claim.id for claim in second]


@pytest.fixture
def carry_out(kit, api):
    """Return a function that lets maintenance work until an operation is over."""
    leadership = Leadership(kit.keeper, NAME, "tester")
    bulk = BulkOperations(kit.store, leadership)

    def run(operation_id):
        def is_over():
            leadership.keep()
            bulk.run_once()
            shown = api.get(f"/operations/{operation_id}").json()
            return shown if shown["status"] in {"done", "aborted", "failed"} else None

        return wait_until(is_over)

    return run


def test_groups_tell_errors_apart(api, dead):
    big, small = api.get("/dlq/groups").json()["items"]
    assert (big["count"], big["error"], big["types"]) == (10, "ValueError: boom", ["mail"])
    assert (small["count"], small["fingerprint"]) == (3, "e" * 16)


def test_exactly_the_jobs_of_an_error_are_retried(api, kit, dead, carry_out):
    response = api.post("/dlq/operations", {"action": "retry", "filter": {"error": "e" * 16}, "reason": "fixed"})
    assert response.status_code == 202
    started = response.json()
    assert started["matched"] == 3
    assert response["Location"] == f"/api/operations/{started['operationId']}"
    shown = carry_out(started["operationId"])
    assert (shown["status"], shown["total"], shown["done"], shown["failed"]) == ("done", 3, 3, 0)
    assert (shown["reason"], shown["startedBy"].split(" ")[0]) == ("fixed", "tester")
    assert [state.label for state in kit.states(dead[1])] == ["pending"] * 3
    assert api.get("/stats").json()["byState"]["dead"] == 10


def test_dead_jobs_are_retried_on_another_queue(api, kit, dead, carry_out):
    body = {"action": "retry", "filter": {"type": "etl"}, "queue": "slow"}
    started = api.post("/dlq/operations", body).json()
    assert carry_out(started["operationId"])["done"] == 3
    assert {kit.record(job_id).queue for job_id in dead[1]} == {"slow"}
    problem(api.post("/dlq/operations", body | {"action": "delete"}), 422, "invalid")
    problem(api.post("/dlq/operations", body | {"queue": "Not A Queue"}), 422, "invalid")
    for address in ("/dlq/operations", "/dlq/operations/preview"):
        problem(api.post(address, body | {"queue": ".."}), 422, "invalid")


def test_chosen_jobs_are_deleted(api, kit, dead, carry_out):
    body = {"action": "delete", "filter": {"jobIds": dead[0][:4]}}
    started = api.post("/dlq/operations", body).json()
    assert started["matched"] == 4
    assert carry_out(started["operationId"])["done"] == 4
    assert kit.states(dead[0][:5])[3:] != [None, None]
    assert api.get("/stats").json()["byState"]["dead"] == 9


def test_of_given_ids_those_are_meant_that_are_dead_and_match_the_rest(api, kit, dead, carry_out):
    left = [dead[1][0], kit.enqueue(), "nobody"]
    body = {"action": "retry", "filter": {"jobIds": [dead[0][0], *left], "type": "mail"}}
    started = api.post("/dlq/operations", body).json()
    assert started["matched"] == 1
    shown = carry_out(started["operationId"])
    assert (shown["total"], shown["done"], shown["failed"], shown["filter"]["jobIdCount"]) == (1, 1, 3, 4)
    assert [each["jobId"] for each in shown["samples"]] == left


def test_given_ids_whose_payloads_are_searched_are_counted_later(api, dead, carry_out):
    body = {"action": "retry", "filter": {"jobIds": dead[0][:2], "q": dead[0][0]}}
    started = api.post("/dlq/operations", body).json()
    assert started["matched"] is None
    shown = carry_out(started["operationId"])
    assert (shown["total"], shown["done"], shown["failed"]) == (1, 1, 1)


def test_a_filter_that_no_index_answers_is_counted_later(api, dead, carry_out):
    started = api.post("/dlq/operations", {"action": "retry", "filter": {"type": "mail", "q": "nothing"}}).json()
    assert started["matched"] is None
    assert carry_out(started["operationId"])["total"] == 0


def test_a_live_job_is_never_touched_by_the_dlq(api, kit, dead, carry_out):
    pending = kit.enqueue()
    started = api.post("/dlq/operations", {"action": "delete", "filter": {}, "all": True}).json()
    carry_out(started["operationId"])
    assert kit.state(pending) is not None
    assert api.get("/stats").json()["byState"]["dead"] == 0


def test_an_idempotency_key_starts_one_operation(api, dead):
    body = {"action": "retry", "filter": {"type": "mail"}}
    first = api.post("/dlq/operations", body, **{"Idempotency-Key": "k"})
    again = api.post("/dlq/operations", body, **{"Idempotency-Key": "k"})
    assert (again.status_code, again.json()) == (202, first.json())
    assert len(api.get("/operations").json()["items"]) == 1
    other = api.post("/dlq/operations", {"action": "delete", "filter": {"type": "mail"}}, **{"Idempotency-Key": "k"})
    problem(other, 422, "idempotency_key_reused")
    job = api.post("/jobs", {"type": "a", "payload": 1}, **{"Idempotency-Key": "k"})
    problem(job, 422, "idempotency_key_reused")


def test_operations_are_listed_latest_first_and_aborted(api, dead, carry_out):
    body = {"action": "retry", "filter": {"type": "mail"}, "ratePerSecond": 0.001}
    made = [api.post("/dlq/operations", body).json()["operationId"] for _ in range(3)]
    page = api.get("/operations?limit=2").json()
    rest = api.get(f"/operations?limit=2&cursor={page['nextCursor']}").json()
    assert sorted(each["operationId"] for each in [*page["items"], *rest["items"]]) == sorted(made)
    assert rest["nextCursor"] is None
    assert page["items"][0]["ratePerSecond"] == 0.001
    assert api.post(f"/operations/{made[0]}/abort").status_code == 200
    shown = carry_out(made[0])
    assert (shown["status"], shown["abortedBy"]) == ("aborted", "tester")
    problem(api.post(f"/operations/{made[0]}/abort"), 409, "conflict")


def test_waiting_jobs_are_cancelled_by_an_operation(api, kit, carry_out):
    made = kit.enqueue_many(7, type="mail")
    started = api.post("/jobs/operations", {"action": "cancel", "filter": {"type": ["mail", "etl"]}}).json()
    assert carry_out(started["operationId"])["done"] == 7
    assert [state.label for state in kit.states(made)] == ["cancelled"] * 7


@pytest.mark.parametrize("path", ["/jobs/operations", "/dlq/operations"])
def test_an_empty_filter_needs_to_be_meant(api, path):
    assert problem(api.post(path, {"action": "delete", "filter": {}}), 422, "invalid")
    assert api.post(path, {"action": "delete", "filter": {}, "all": True}).status_code == 202


def test_a_purge_takes_what_waits_now(api, kit, carry_out):
    kit.enqueue_many(5, queue="mail")
    kit.enqueue(queue="other")
    started = api.post("/queues/mail/purge", {"reason": "wrong deploy"}).json()
    later = kit.enqueue(queue="mail")
    assert carry_out(started["operationId"])["done"] == 5
    assert kit.state(later) is not None
    assert api.get("/stats").json()["byState"]["pending"] == 2


@pytest.mark.parametrize(
    "body",
    [
        {"action": "cancel", "filter": {}},
        {"action": "retry"},
        {"action": "retry", "filter": []},
        {"action": "retry", "filter": {"status": "dead"}, "ratePerSecond": 0},
        {"action": "retry", "filter": {"unknown": 1}},
        {"action": "retry", "filter": {"jobIds": ["x"] * 1001}},
        {"action": "retry", "filter": {"jobIds": "x"}},
        {"action": "retry", "filter": {"createdAfter": 5}},
        {"action": "retry", "filter": {"type": [None]}},
        {"action": "retry", "filter": {}, "all": 1},
    ],
)
def test_a_bad_request_starts_nothing(api, body):
    problem(api.post("/dlq/operations", body), 422, "invalid")
    assert api.get("/operations").json()["items"] == []


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_filter_may_reach_to_the_ends_of_time(api, moment):
    for bound in ("createdAfter", "createdBefore", "finishedAfter", "finishedBefore"):
        started = api.post("/dlq/operations", {"action": "retry", "filter": {bound: moment}}).json()
        shown = api.get(f"/operations/{started['operationId']}").json()["filter"][bound]
        assert shown in {"1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"}


@pytest.mark.parametrize("address", ["/dlq/operations", "/jobs/operations"])
@pytest.mark.parametrize("name", ["jobIds", "status", "type", "queue", "priority", "tag", "error", "q"])
def test_an_empty_choice_does_not_mean_everything(api, address, name):
    empty = "" if name == "q" else []
    answer = problem(api.post(address, {"action": "delete", "filter": {name: empty}, "all": True}), 422, "invalid")
    assert answer["errors"][0]["field"] == f"filter.{name}"
    assert api.get("/operations").json()["items"] == []


@pytest.mark.parametrize("operation_id", ["nothing", "..", "a%23ids", "%00"])
def test_an_operation_that_is_not_there_is_404(api, operation_id):
    problem(api.get(f"/operations/{operation_id}"), 404, "not_found")
    problem(api.post(f"/operations/{operation_id}/abort"), 404, "not_found")


def test_a_retry_tells_what_became_of_jobs_since(api, kit, carry_out):
    worker = kit.worker()
    boom = Failure("Declined", "card was declined", "", "d" * 16)
    claims = [kit.claimed(worker, type="charge") for _ in range(3)]
    worker.fail([failed(claim, boom, final=True) for claim in claims])
    body = {"action": "retry", "filter": {"error": boom.fingerprint}}
    started = api.post("/dlq/operations", body).json()
    path = f"/operations/{started['operationId']}"
    named = [{"fingerprint": boom.fingerprint, "error": "Declined: card was declined", "types": ["charge"]}]
    asked = api.get(path).json()
    assert (asked["errors"], asked["diedSince"], asked["completedSince"]) == (named, 0, 0)
    carry_out(started["operationId"])
    again = kit.claim(worker, 3)
    worker.fail([failed(claim, boom, final=True) for claim in again[:2]])
    worker.complete([completed(again[2])])
    over = api.get(path).json()
    assert (over["errors"], over["done"], over["diedSince"], over["completedSince"]) == (named, 3, 2, 1)
    entry = AuditEntry.objects.get(action="dlq.operation")
    assert entry.detail["errors"] == [{"error": "Declined", "types": ["charge"]}]
    assert entry.detail["matched"] == 3
