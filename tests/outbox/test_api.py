"""What the API answers while the store is away and the outbox is on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from jobs.conf import Config, get_config
from jobs.models import ApiKey, OutboxEntry
from jobs.outbox import Forwarder
from jobs.store.store import Store
from tests.api.conftest import Api, api_config, db, key, problem, use, way_in  # noqa: F401 - fixtures
from tests.support.polling import wait_until
from tests.support.server import TestServer

JOB = {"type": "mail", "payload": {"to": "ann"}}


LIMIT = 3.0  # seconds; it is less than one on a machine that has nothing else to do, and for ever if it waits


@pytest.fixture
def api(mortal_server: TestServer, config: Config, use: Callable[[Config], None], key: Callable[..., str]) -> Api:  # noqa: F811
    """Give a client of an installation whose outbox is on, and that knows no types."""
    use(replace(config, redis_url=mortal_server.url, outbox=True))
    made = Api(key())
    problem(made.post("/jobs", JOB), 422, "unknown_job_type")  # and Django is warm
    return made


def timed(ask: Callable[[], Any]) -> Any:
    started = time.monotonic()
    answer = ask()
    assert time.monotonic() - started < LIMIT
    return answer


@pytest.mark.parametrize("trouble", ["freeze", "kill"])
def test_a_job_is_accepted_at_once(mortal_server: TestServer, api: Api, trouble: str) -> None:
    getattr(mortal_server, trouble)()
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


def test_a_repeat_gets_the_same_answer_and_another_body_none(mortal_server: TestServer, api: Api) -> None:
    mortal_server.kill()
    first, again = (api.post("/jobs", JOB, **{"Idempotency-Key": "order-7"}) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (202, 202, first.json())
    problem(api.post("/jobs", JOB | {"jobId": "x"}, **{"Idempotency-Key": "order-7"}), 422, "idempotency_key_reused")
    named = [api.post("/jobs", JOB | {"jobId": "mine"}) for _ in range(2)]
    assert [(each.status_code, each.json()["jobId"]) for each in named] == [(202, "mine")] * 2
    bulk = [api.post("/jobs/bulk", {"jobs": [JOB, JOB]}, **{"Idempotency-Key": "many"}) for _ in range(2)]
    assert bulk[0].json() == bulk[1].json()
    problem(api.post("/jobs/bulk", {"jobs": [JOB]}, **{"Idempotency-Key": "many"}), 422, "idempotency_key_reused")
    assert OutboxEntry.objects.count() == 4


def test_a_refusal_is_one_without_a_store_too(mortal_server: TestServer, api: Api) -> None:
    mortal_server.kill()
    problem(api.post("/jobs", b"{"), 400, "malformed_json")
    problem(api.post("/jobs", JOB | {"options": {"delay": -1}}), 422, "invalid")
    problem(api.get("/jobs/unknown"), 503, "store_unavailable")
    problem(api.get("/jobs"), 503, "store_unavailable")
    assert not OutboxEntry.objects.exists()


def test_who_may_not_see_payloads_sees_none_of_an_accepted_job(
    mortal_server: TestServer,
    api: Api,
    key: Callable[..., str],  # noqa: F811
) -> None:
    mortal_server.kill()
    job_id = api.post("/jobs", JOB | {"payload": {"password": "opensesame"}}).json()["jobId"]
    seen = Api(key("read", name="reader")).get(f"/jobs/{job_id}")
    assert (seen.status_code, seen.json()["status"]) == (200, "accepted")
    assert b"opensesame" not in seen.content
    problem(Api(key("enqueue", name="maker")).get(f"/jobs/{job_id}"), 403, "missing_scope")
    problem(Api(key("read", name="looker")).post("/jobs", JOB), 403, "missing_scope")


def test_the_limits_of_a_key_hold_without_a_store(mortal_server: TestServer, api: Api, key: Callable[..., str]) -> None:  # noqa: F811
    small = Api(key("enqueue", name="small"))
    ApiKey.objects.filter(name="small").update(burst=3, per_second=1)
    mortal_server.kill()
    answers = [small.post("/jobs", JOB).status_code for _ in range(5)]
    assert (answers[:3], answers[-1]) == ([202] * 3, 429)


def test_the_store_says_where_a_job_is_once_it_has_it(mortal_server: TestServer, api: Api) -> None:
    mortal_server.kill()
    job_id = api.post("/jobs", JOB | {"options": {"delay": 600_000}}).json()["jobId"]
    config = get_config()
    forwarder = Forwarder(partial(Store.open, config, timeout=2.0, most=1), "tester", lambda request, answer: None)
    forwarder.start()
    mortal_server.start()
    wait_until(lambda: not OutboxEntry.objects.exists())
    forwarder.stop()
    assert forwarder.join(5)
    assert wait_until(lambda: api.get(f"/jobs/{job_id}").json().get("status") == "scheduled")


def test_a_large_bulk_is_accepted_by_a_process_that_holds_tokens(
    mortal_server: TestServer,
    api: Api,
    use: Callable[[Config], None],  # noqa: F811
) -> None:
    use(replace(get_config(), accept_unknown_types=True))
    for _ in range(2):  # the second request takes some tokens ahead
        assert api.post("/jobs", JOB).status_code == 201
    mortal_server.kill()
    answer = api.post("/jobs/bulk", {"jobs": [JOB] * 201})
    assert (answer.status_code, len(answer.json()["accepted"])) == (202, 201)


def test_a_full_outbox_names_the_bound_that_is_reached(
    mortal_server: TestServer,
    api: Api,
    use: Callable[[Config], None],  # noqa: F811
) -> None:
    use(replace(get_config(), accept_unknown_types=True, outbox_max_bytes=2000, outbox_max=2))
    mortal_server.kill()
    large = JOB | {"payload": "x" * 2000}
    why = "The store is away, and of the 2,000 bytes that OUTBOX_MAX_BYTES allows in the outbox 0 are taken, "
    assert problem(api.post("/jobs", large), 503, "store_unavailable")["detail"].startswith(why)
    assert [api.post("/jobs", JOB).status_code for _ in range(2)] == [202, 202]
    why = "The store is away, and the outbox holds 2 jobs already, as many as OUTBOX_MAX allows."
    assert problem(api.post("/jobs", JOB), 503, "store_unavailable")["detail"] == why
    bulk = api.post("/jobs/bulk", {"jobs": [JOB, large]})
    assert (bulk.status_code, bulk.json().get("detail")) == (503, why)
