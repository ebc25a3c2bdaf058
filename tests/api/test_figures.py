"""Queues, types, workers, status and stats."""

from typing import Any

import pytest

from jobs.clock import isoformat
from jobs.maintenance.crew import DUTIES
from jobs.store.registry import WorkerInfo
from jobs.types import Priority
from tests.api.conftest import problem
from tests.support.jobs import completed, failed


def worker_info(**changes):
    usual: dict[str, Any] = {
        "id": "w-1", "incarnation": "0" * 16, "pool": "default", "host": "h", "pid": 7, "queues": ("default",),
        "types": ("echo", "mail"), "concurrency": 5, "status": "busy", "busy": 1, "processed": 3,
        "out_per_second": 0.25,
        "running": (("job-x", "echo", 1_700_000_000_000),),
    }  # fmt: skip
    return WorkerInfo(**usual | changes)


def test_queues_show_depth_by_priority_and_what_else_is_there(api, kit):
    kit.enqueue(queue="mail", priority=Priority.HIGH)
    kit.enqueue_many(2, queue="mail")
    kit.enqueue(queue="mail", delay_ms=60_000)
    worker = kit.worker()
    kit.claimed(worker, queue="etl")
    kit.advance(5000)
    default, etl, mail = api.get("/queues").json()["items"]
    assert default["name"] == "default"
    assert (etl["name"], etl["active"], etl["pending"]) == ("etl", 1, 0)
    assert mail["depth"] == {"high": 1, "normal": 2, "low": 0}
    assert (mail["pending"], mail["scheduled"], mail["paused"]) == (3, 1, False)


def test_a_queue_is_paused_and_resumed(api, kit):
    kit.enqueue(queue="mail")
    first = api.post("/queues/mail/pause").json()
    assert (first["paused"], first["pausedSince"]) == (True, isoformat(kit.reader.paused()["mail"]))
    assert api.post("/queues/mail/pause").status_code == 200
    assert kit.claim(kit.worker(), queue="mail") == []
    assert api.get("/status").json()["pausedQueues"] == ["mail"]
    again = api.post("/queues/mail/resume").json()
    assert (again["paused"], again["pausedSince"]) == (False, None)
    assert len(kit.claim(kit.worker(), queue="mail")) == 1


@pytest.mark.parametrize("action", ["pause", "resume", "purge"])
def test_a_queue_that_is_not_there_is_404(api, action):
    problem(api.post(f"/queues/nobody/{action}"), 404, "not_found")


def test_types_show_what_ran_and_who_serves_it(api, kit):
    worker = kit.worker()
    worker.complete([completed(kit.claimed(worker, type="mail"), duration_ms=30)])
    worker.complete([completed(kit.claimed(worker, type="mail"), duration_ms=10)])
    worker.fail([failed(kit.claimed(worker, type="etl"), final=True)])
    kit.store.registry.heartbeat(worker_info())
    lines = {line["type"]: line for line in api.get("/types").json()["items"]}
    assert lines["mail"] == {
        "type": "mail", "completed": 2, "failed": 0, "meanDuration": 20.0, "workers": 1, "paused": False, "held": 0,
        "pausedSince": None, "waitingFor": [],
    }  # fmt: skip
    assert (lines["etl"]["failed"], lines["etl"]["workers"], lines["etl"]["meanDuration"]) == (1, 0, None)
    assert lines["echo"]["workers"] == 1


def test_workers_show_what_they_do(api, kit):
    kit.store.registry.heartbeat(worker_info())
    [line] = api.get("/workers").json()["items"]
    assert (line["id"], line["status"], line["slots"], line["processed"]) == ("w-1", "busy", 5, 3)
    assert line["running"] == [{"jobId": "job-x", "type": "echo", "startedAt": "2023-11-14T22:13:20.000Z"}]
    assert line["outPerSecond"] == 0.25
    assert line["lastHeartbeat"].endswith("Z")


def test_a_worker_is_told_to_drain(api, kit):
    kit.store.registry.heartbeat(worker_info())
    assert api.post("/workers/w-1/drain").json()["id"] == "w-1"
    assert kit.worker().orders(kit.keys.control("w-1")) == ["drain"]
    problem(api.post("/workers/nobody/drain"), 404, "not_found")


def test_a_silent_worker_is_lost(api, kit, api_config):
    kit.store.registry.offset_ms = -int(api_config.heartbeat_seconds * 3000) - 1000
    kit.store.registry.heartbeat(worker_info())
    assert api.get("/workers").json()["items"][0]["status"] == "lost"
    problem(api.post("/workers/w-1/drain"), 409, "conflict")


def test_status_names_the_parts(api, kit):
    status = api.get("/status").json()
    assert status["status"] == "unhealthy"
    assert {part["name"]: part["status"] for part in status["parts"]} == {
        "store": "healthy", "workers": "unhealthy", "maintenance": "healthy",
    }  # fmt: skip
    kit.store.registry.heartbeat(worker_info())
    for duty in DUTIES:
        kit.keeper.lead(duty, "tester", 60_000)
    status = api.get("/status").json()
    assert status["status"] == "healthy"
    assert status["workers"] == [{"id": "w-1", "status": "busy", "processed": 3}]


def test_stats_count_everything(api, kit):
    worker = kit.worker()
    worker.complete([completed(kit.claimed(worker))])
    worker.fail([failed(kit.claimed(worker), final=True)])
    kit.enqueue_many(3)
    stats = api.get("/stats").json()
    assert {name: stats[name] for name in ("total", "pending", "completed", "failed", "dead")} == {
        "total": 5, "pending": 3, "completed": 1, "failed": 1, "dead": 1,
    }  # fmt: skip
    assert stats["byState"] == {
        "scheduled": 0, "blocked": 0, "pending": 3, "active": 0, "retrying": 0, "completed": 1, "dead": 1,
        "cancelled": 0,
    }  # fmt: skip


def test_stats_say_how_far_back_finished_jobs_are_stored(api, kit):
    worker, stats = kit.worker(), api.get("/stats").json()
    assert (stats["completedSince"], stats["cancelledSince"]) == (None, None)
    first = kit.claimed(worker)
    worker.complete([completed(first)])
    kit.advance(60_000)
    worker.complete([completed(kit.claimed(worker))])
    stats = api.get("/stats").json()
    assert (stats["completedSince"], stats["cancelledSince"]) == (isoformat(kit.record(first.id).finished), None)
