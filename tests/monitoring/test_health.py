"""Health addresses: what probes see when parts are missing."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from django.test import AsyncClient, Client

from jobs.maintenance.crew import DUTIES
from jobs.store.registry import WorkerInfo
from monitoring.probes import Probes
from tests.api.conftest import Api


def alive(kit):
    kit.store.registry.heartbeat(
        WorkerInfo(
            id="w", incarnation="0" * 16, pool="p", host="h", pid=1, queues=("default",), types=(), concurrency=1
        )
    )
    for duty in DUTIES:
        kit.keeper.lead(duty, "tester", 60_000)


def parts(response):
    return {part["name"]: part["status"] for part in response.json()["parts"]}


def test_all_is_well(api, kit):
    alive(kit)
    response = Client().get("/health")
    assert (response.status_code, response.json()["status"]) == (200, "healthy")
    names = ("store", "workers", "maintenance", "scaling", "scheduler", "outbox", "database")
    assert parts(response) == dict.fromkeys(names, "healthy")


def test_without_workers_it_is_unhealthy_but_ready(api):
    response = Client().get("/health")
    assert (response.status_code, response.json()["status"]) == (503, "unhealthy")
    ready = Client().get("/health/ready")
    assert (ready.status_code, parts(ready)) == (200, {"store": "healthy", "database": "healthy"})


def test_details_are_for_those_who_are_known(api, key):
    anonymous = Client().get("/health").json()
    assert all(part["detail"] == "" for part in anonymous["parts"])
    known = Client().get("/health", headers={"Authorization": f"Bearer {key('read')}"}).json()
    assert "no worker is alive" in json.dumps(known)
    wrong = Client().get("/health", headers={"Authorization": "Bearer nonsense"})
    assert (wrong.status_code, wrong.json()) == (503, anonymous)


@pytest.mark.parametrize(("required", "code", "status"), [(True, 503, "unhealthy"), (False, 200, "degraded")])
def test_without_a_store_it_depends(api_config, use, db, gone_url, required, code, status):
    use(replace(api_config, redis_url=gone_url, readiness_requires_store=required))
    for path in ("/health", "/health/ready"):
        response = Client().get(path)
        assert (response.status_code, response.json()["status"]) == (code, status)
        assert parts(response)["store"] == status
    assert Client().get("/health/live").status_code == 200


def test_without_a_database_it_is_not_ready_and_as_a_whole_degraded(api, kit, monkeypatch):
    def broken(part):
        raise RuntimeError("gone")

    monkeypatch.setattr("monitoring.health_parts.DatabaseHealth.look", broken)
    response = Client().get("/health/ready")
    assert (response.status_code, parts(response)["database"]) == (503, "unhealthy")
    alive(kit)
    response = Client().get("/health")
    assert (response.status_code, response.json()["status"]) == (200, "degraded")


def test_liveness_is_answered_before_django():
    async def django(scope, receive, send):
        raise AssertionError("it must not get here")

    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request"}

    for method in ("GET", "HEAD"):
        scope: dict[str, Any] = {"type": "http", "method": method, "path": "/health/live", "headers": []}
        asyncio.run(Probes(django)(scope, receive, send))
    assert [message["status"] for message in sent[::2]] == [200, 200]


def test_other_requests_go_through(api):
    async def ask():
        return await AsyncClient().get("/health/live")

    assert asyncio.run(ask()).status_code == 200
    assert Api().client.post("/health").status_code == 405
