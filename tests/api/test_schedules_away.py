"""Schedules while the store is away: all but running them is done in the database alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs.clock import isoformat, local_ms
from jobs.models import OutboxEntry
from schedules.models import Schedule
from tests.api.conftest import Api, problem
from tests.api.test_schedules import HERE, NIGHTLY


@pytest.fixture(params=[False, True], ids=["no outbox", "outbox"])
def away(request, config, gone_url, use, key):
    """Give a client of an installation whose store is away, and whether its outbox is on."""
    use(replace(config, redis_url=gone_url, outbox=request.param, accept_unknown_types=False))
    return Api(key()), request.param


def test_all_but_running_one_is_done_without_a_store(away):
    api, _ = away
    assert api.post("/schedules/preview", {"cron": "@daily"}).json()["ticks"][0] > isoformat(local_ms())
    assert api.post("/schedules", NIGHTLY).status_code == 201
    assert [item["name"] for item in api.get("/schedules").json()["items"]] == ["nightly"]
    assert api.get(HERE).json()["nextTick"] > isoformat(local_ms())
    assert api.put(HERE, {"version": 1, "cron": "@hourly"}).json()["cron"] == "@hourly"
    assert api.post(f"{HERE}/pause").json()["nextTick"] is None
    assert api.post(f"{HERE}/resume").json()["nextTick"] > isoformat(local_ms())
    assert api.get(f"{HERE}/ticks").json()["items"] == []
    assert api.delete(HERE).status_code == 204


def test_what_is_wrong_is_refused_without_a_store_too(away, key):
    api, _ = away
    problem(api.post("/schedules", NIGHTLY | {"cron": "x"}), 422, "invalid")
    problem(api.get(HERE), 404, "not_found")
    problem(Api(key("read")).post("/schedules", NIGHTLY), 403, "missing_scope")
    assert not Schedule.objects.exists()


def test_a_job_is_run_by_the_outbox_or_not_at_all(away):
    api, has_outbox = away
    api.post("/schedules", NIGHTLY | {"payload": {"n": 1}})
    answer = api.post(f"{HERE}/run")
    if has_outbox:
        assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
        assert answer["Location"] == f"/api/jobs/{answer.json()['jobId']}"
        assert OutboxEntry.objects.get().job_id == answer.json()["jobId"]
    else:
        problem(answer, 503, "store_unavailable")
        assert not OutboxEntry.objects.exists()


def test_a_server_that_goes_while_web_runs_is_borne_too(mortal_server, api_config, use, key):
    use(replace(api_config, redis_url=mortal_server.url))
    api = Api(key())
    assert api.post("/schedules", NIGHTLY).status_code == 201
    with mortal_server.away("kill"):
        for _ in range(3):
            assert api.get(HERE).status_code == 200
        assert api.post(f"{HERE}/pause").status_code == 200
        problem(api.get("/queues"), 503, "store_unavailable")
