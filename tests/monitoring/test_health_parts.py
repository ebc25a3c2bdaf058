"""Parts of the health report: each with a deadline of its own, and none that breaks the others."""

import threading
import time
from dataclasses import replace

import pytest
from django.test import Client

from jobs.inspection.status import Part
from monitoring.checks import check_health_parts
from monitoring.health import _made
from monitoring.health_part import HealthPart
from tests.monitoring.test_health import alive, parts
from tests.support.server import TestServer

STANDARD = [f"monitoring.health_parts.{name}Health" for name in ("Store", "Workers", "Maintenance", "Database")]


class Raising(HealthPart):
    name = "raising"

    def look(self) -> Part:
        raise RuntimeError("secret: no")


class Critical(Raising):
    name = "critical"
    critical = True


class Hanging(HealthPart):
    name = "hanging"
    seconds = 0.05
    looks = 0
    over = threading.Event()

    def look(self) -> Part:
        Hanging.looks += 1
        Hanging.over.wait(60)
        return Part(name=self.name, status="healthy")


@pytest.fixture
def also(api, kit, settings):
    """Return a function that registers a part beside the usual ones, of which all is well."""
    alive(kit)
    Hanging.looks, Hanging.over = 0, threading.Event()

    def register(part: type[HealthPart]) -> None:
        settings.QUEUEFLOW_HEALTH_PARTS = [*STANDARD, f"{__name__}.{part.__name__}"]

    yield register
    Hanging.over.set()
    _made.cache_clear()


def detail(response, name):
    return next(part["detail"] for part in response.json()["parts"] if part["name"] == name)


@pytest.mark.parametrize(("part", "code", "status"), [(Raising, 200, "degraded"), (Critical, 503, "unhealthy")])
def test_a_part_that_raises_counts_by_how_critical_it_is(also, key, part, code, status):
    also(part)
    response = Client().get("/health", headers={"Authorization": f"Bearer {key('read')}"})
    assert (response.status_code, response.json()["status"]) == (code, status)
    assert parts(response) == dict.fromkeys(("store", "workers", "maintenance", "database"), "healthy") | {
        part.name: status
    }
    assert detail(response, part.name) == "it cannot be looked at: RuntimeError"


def test_a_part_that_hangs_is_reported_and_not_asked_again(also, key):
    also(Hanging)
    for _ in range(3):
        response = Client().get("/health", headers={"Authorization": f"Bearer {key('read')}"})
        assert (response.status_code, parts(response)["hanging"]) == (200, "degraded")
        assert parts(response)["store"] == "healthy"
        assert detail(response, "hanging") == "it cannot be looked at: no answer within 0.05 s"
    assert Hanging.looks == 1
    assert Client().get("/health/ready").json()["status"] == "healthy"


def ask(path, limit):
    began = time.monotonic()
    response = Client().get(path)
    assert time.monotonic() - began < limit, path
    return response


def test_a_server_that_hangs_costs_no_probe_two_seconds(api_config, use, transactional_db):
    with TestServer() as server:
        use(replace(api_config, redis_url=server.url))
        assert ask("/health/ready", 2).status_code == 200
        with server.away("freeze"):
            assert ask("/health/live", 2).status_code == 200
            for path in ("/health", "/health/ready"):
                response = ask(path, 3)  # two seconds, and one for a busy machine
                assert (response.status_code, parts(response)["store"]) == (503, "unhealthy")
                assert parts(response)["database"] == "healthy"


@pytest.mark.parametrize(
    ("setting", "value", "code", "status"),
    [("maxmemory", "1", 200, "degraded"), ("min-replicas-to-write", "1", 503, "unhealthy")],
)
def test_a_server_that_takes_no_write_is_seen(api_config, use, transactional_db, setting, value, code, status):
    with TestServer() as server:
        use(replace(api_config, redis_url=server.url))
        with server.client() as client:
            client.config_set(setting, value)
        response = Client().get("/health/ready")
        assert (response.status_code, parts(response)) == (code, {"store": status, "database": "healthy"})


def test_a_replica_is_not_ready(api_config, use, transactional_db):
    with TestServer() as server:
        use(replace(api_config, redis_url=server.url))
        with server.client() as client:
            client.execute_command("REPLICAOF", "127.0.0.1", "1")
        response = Client().get("/health/ready")
        assert (response.status_code, parts(response)["store"]) == (503, "unhealthy")


@pytest.mark.parametrize(
    ("path", "why"), [("monitoring.nowhere.Part", "No module"), ("monitoring.health.READY", "no subclass")]
)
def test_a_part_that_cannot_be_made_is_refused_at_the_start(settings, path, why):
    assert check_health_parts(None) == []
    settings.QUEUEFLOW_HEALTH_PARTS = [*STANDARD, path]
    [error] = check_health_parts(None)
    assert (error.id, why in error.msg, path in error.msg) == ("monitoring.E001", True, True)
