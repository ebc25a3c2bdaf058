"""What the API answers while the store is away and the outbox is on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from jobs.conf import Config
from jobs.models import OutboxEntry
from tests.api.conftest import Api, api_config, db, key, problem, use, way_in  # noqa: F401 - fixtures
from tests.support.server import TestServer

JOB = {"type": "mail", "payload": {"to": "ann"}}


@pytest.fixture
def server() -> Any:
    with TestServer() as made:
        yield made


@pytest.fixture
def api(server: TestServer, config: Config, use: Callable[[Config], None], key: Callable[..., str]) -> Api:  # noqa: F811
    """Give a client of an installation whose outbox is on, and that knows no types."""
    use(replace(config, redis_url=server.url, outbox=True))
    made = Api(key())
    problem(made.post("/jobs", JOB), 422, "unknown_job_type")  # and Django is warm
    return made


def timed(ask: Callable[[], Any]) -> Any:
    started = time.monotonic()
    answer = ask()
    assert time.monotonic() - started < 1.0
    return answer


@pytest.mark.parametrize("trouble", ["freeze", "kill"])
def test_a_job_is_accepted_within_a_second(server: TestServer, api: Api, trouble: str) -> None:
    getattr(server, trouble)()
    for _ in range(8):
        answer = timed(lambda: api.post("/jobs", JOB))
        assert answer.status_code == 202
        assert answer.json()["status"] == "accepted"
    seen = timed(lambda: api.get(f"/jobs/{answer.json()['jobId']}")).json()
    assert (seen["status"], seen["payload"]) == ("accepted", {"to": "ann"})
    assert OutboxEntry.objects.count() == 8
    bulk = timed(lambda: api.post("/jobs/bulk", {"jobs": [JOB] * 250}))
    assert bulk.status_code == 202
    assert {each["status"] for each in bulk.json()["accepted"]} == {"accepted"}
    assert OutboxEntry.objects.count() == 258
