"""What people and keys change is on record."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from django.db import connections

from jobs.api.routes.endpoints import endpoints
from jobs.models import AuditEntry, OutboxEntry, Status
from jobs.types import Failure
from tests.api.conftest import problem
from tests.support.jobs import failed

READING = {"GET"}
NOT_RECORDED = {
    "POST /jobs", "POST /jobs/bulk",  # anybody could fill the database with enqueues
    "POST /jobs/operations/preview", "POST /dlq/operations/preview", "POST /schedules/preview",  # which change nothing
    "POST /scaling/{pool}/simulate", "POST /scaling/{pool}/simulate/{simulation_id}/abort",  # nor do these
}  # fmt: skip


def die(kit, job_id, **options):
    worker = kit.worker()
    kit.enqueue(job_id, **options)
    [claim] = kit.claim(worker)
    worker.fail([failed(claim, Failure("ValueError", "no", "", "f" * 16), final=True)])
    return claim.id


@pytest.fixture
def acts(kit):
    """Give a path and a body for each changing endpoint, with something there that it can act on."""
    for name in ("retry", "dlq-retry", "dlq-delete", "rerun"):
        die(kit, name)
    kit.enqueue_many(3)
    for name in ("cancel", "delete"):
        kit.enqueue(name)
    kit.enqueue("run-now", delay_ms=60_000)
    kit.store.registry.set_desired("default", 1)
    for name in ("refused", "again"):
        OutboxEntry(job_id=name, type="a", queue="default", request=b"", accepted_ms=1, refused="no").save()
    group = f"/dlq/groups/{'f' * 16}"
    return {
        "POST /dlq/groups/{fingerprint}/resolve": (f"{group}/resolve", {"reason": "a fix is out"}),
        "POST /dlq/groups/{fingerprint}/ignore": (f"{group}/ignore", None),
        "POST /dlq/groups/{fingerprint}/reopen": (f"{group}/reopen", None),
        "DELETE /jobs/{job_id}": ("/jobs/delete", None),
        "POST /jobs/{job_id}/cancel": ("/jobs/cancel/cancel", {"reason": "spam"}),
        "POST /jobs/{job_id}/retry": ("/jobs/retry/retry", None),
        "POST /jobs/{job_id}/run-now": ("/jobs/run-now/run-now", None),
        "POST /jobs/{job_id}/rerun": ("/jobs/rerun/rerun", {"payload": 2}),
        "POST /dlq/{job_id}/retry": ("/dlq/dlq-retry/retry", {"payload": 2}),
        "DELETE /dlq/{job_id}": ("/dlq/dlq-delete", None),
        "POST /queues/{name}/pause": ("/queues/default/pause", None),
        "POST /queues/{name}/resume": ("/queues/default/resume", None),
        "POST /jobs/operations": ("/jobs/operations", {"action": "cancel", "filter": {"type": "zz"}}),
        "POST /dlq/operations": ("/dlq/operations", {"action": "retry", "filter": {"type": "zz"}, "reason": "fixed"}),
        "POST /types/{path:job_type}/pause": ("/types/echo/pause", None),
        "POST /types/{path:job_type}/resume": ("/types/echo/resume", None),
        "POST /queues/{name}/purge": ("/queues/default/purge", {"reason": "old"}),
        "PUT /scaling/{pool}": ("/scaling/default", {"version": 0, "maximum": 20, "reason": "a sale"}),
        "POST /scaling/{pool}/scale": ("/scaling/default/scale", {"workers": 2, "reason": "a sale"}),
        "POST /scaling/{pool}/pause": ("/scaling/default/pause", None),
        "POST /scaling/{pool}/resume": ("/scaling/default/resume", None),
        "DELETE /scaling/{pool}": ("/scaling/default", None),
        "POST /schedules": (
            "/schedules",
            {"name": "nightly", "type": "echo", "cron": "@daily", "reason": "the books"},
        ),
        "PUT /schedules/{name}": ("/schedules/nightly", {"version": 1, "cron": "@hourly", "reason": "more books"}),
        "POST /schedules/{name}/pause": ("/schedules/nightly/pause", {"reason": "a holiday"}),
        "POST /schedules/{name}/resume": ("/schedules/nightly/resume", None),
        "POST /schedules/{name}/run": ("/schedules/nightly/run", {"reason": "at once"}),
        "DELETE /schedules/{name}": ("/schedules/nightly", None),
        "DELETE /outbox/{job_id}": ("/outbox/refused", None),
        "POST /outbox/{job_id}/retry": ("/outbox/again/retry", {"reason": "fewer queues"}),
        "POST /outbox/retry": ("/outbox/retry", {"reason": "the key is mended"}),
    }


def test_every_change_leaves_an_entry(api, acts):
    changing = {f"{e.method} {e.path}" for e in endpoints.all if e.method not in READING} - NOT_RECORDED
    elsewhere = {
        "POST /operations/{operation_id}/abort",
        "POST /workers/{worker_id}/drain",
    }  # fmt: skip
    assert set(acts) == changing - elsewhere
    for endpoint, (path, body) in acts.items():
        before = AuditEntry.objects.count()
        send = getattr(api, endpoint.partition(" ")[0].lower())
        answer = send(path) if endpoint.startswith("DELETE") else send(path, body)
        assert answer.status_code < 300, (endpoint, answer.content)
        assert AuditEntry.objects.count() == before + 1, endpoint
        entry = AuditEntry.objects.latest("id")
        assert (entry.actor, entry.status, entry.address) == ("tester", Status.DONE, "127.0.0.1"), endpoint
        assert entry.reason == (body or {}).get("reason", "")


def test_reading_and_enqueuing_leave_none(api, kit):
    kit.enqueue("x")
    api.post("/jobs", {"type": "a", "payload": 1})
    for path in ("/jobs", "/jobs/x", "/audit", "/stats"):
        api.get(path)
    assert not AuditEntry.objects.exists()


def test_an_abort_and_its_operation_are_tied_together(api, kit):
    started = api.post("/dlq/operations", {"action": "retry", "filter": {}, "all": True}).json()["operationId"]
    assert api.post(f"/operations/{started}/abort").status_code == 200
    found = api.get(f"/audit?operationId={started}").json()["items"]
    assert [item["action"] for item in found] == ["operation.abort", "dlq.operation"]


def test_a_repeated_request_is_one_entry(api, kit):
    body = {"action": "retry", "filter": {}, "all": True}
    for _ in range(2):
        assert api.post("/dlq/operations", body, **{"Idempotency-Key": "once"}).status_code == 202
    assert AuditEntry.objects.count() == 1


def test_what_failed_is_on_record_as_failed(api, kit):
    kit.enqueue("waits")
    problem(api.post("/jobs/waits/retry"), 409, "conflict")
    entry = AuditEntry.objects.get()
    assert (entry.status, entry.target_id, entry.code) == (Status.FAILED, "waits", "conflict")


def test_what_was_refused_for_its_form_leaves_none(api):
    problem(api.post("/jobs/x/cancel", {"nonsense": 1}), 422, "invalid")
    problem(api.post("/dlq/operations", {"action": "retry", "filter": {}}), 422, "invalid")
    assert not AuditEntry.objects.exists()


def test_payloads_do_not_get_into_the_trail(api, kit):
    die(kit, "x")
    assert api.post("/jobs/x/retry", {"payload": {"password": "hunter2"}}).status_code == 200
    entry = AuditEntry.objects.get()
    assert entry.action == "job.edit_payload"
    assert "hunter2" not in str(entry.__dict__)


def test_the_list_pages_and_filters(api, kit):
    for number in range(5):
        kit.enqueue(f"j{number}")
        api.post(f"/jobs/j{number}/cancel", {"reason": f"r{number}"})
    first = api.get("/audit?limit=2&action=job.cancel").json()
    rest = api.get(f"/audit?limit=4&action=job.cancel&cursor={first['nextCursor']}").json()
    assert [item["target"]["id"] for item in first["items"] + rest["items"]] == ["j4", "j3", "j2", "j1", "j0"]
    assert rest["nextCursor"] is None
    assert [item["reason"] for item in api.get("/audit?target=job:j3").json()["items"]] == ["r3"]
    assert api.get("/audit?q=R2").json()["items"][0]["target"] == {"kind": "job", "id": "j2"}
    problem(api.get("/audit?action=nonsense"), 422, "invalid")


def test_without_a_trail_nothing_is_done(api, kit):
    kit.enqueue("stays")
    path = connections["default"].settings_dict["NAME"]
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        refused = problem(api.delete("/jobs/stays"), 503, "audit_unavailable")
        made = api.post("/jobs", {"type": "a", "payload": 1})
        other.rollback()
    assert refused["detail"].endswith("nothing was done.")
    assert made.status_code == 201
    assert kit.state("stays").label == "pending"
    assert not AuditEntry.objects.exists()


REASONED = [
    ("POST", "/queues/default/pause"), ("POST", "/queues/default/resume"), ("POST", "/types/echo/pause"),
    ("POST", "/types/echo/resume"), ("POST", "/jobs/later/run-now"), ("POST", "/jobs/dead/retry"),
    ("DELETE", "/jobs/waits"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), REASONED)
def test_every_change_can_say_why(api, kit, method, path):
    die(kit, "dead")
    kit.enqueue("waits")
    kit.enqueue("later", delay_ms=60_000)
    answer = api.delete(f"{path}?reason=so") if method == "DELETE" else api.post(path, {"reason": "so"})
    assert answer.status_code < 300, answer.content
    assert AuditEntry.objects.get().reason == "so"
