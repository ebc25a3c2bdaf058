"""A refused job that somebody lets wait again."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from jobs import outbox
from jobs.conf import Config
from jobs.models import AuditEntry, OutboxEntry
from jobs.outbox import table
from jobs.outbox.bells import bells
from jobs.states import State
from jobs.store.producer import MAX_QUEUES
from tests.api.conftest import Api, api_config, db, key, problem, use, without_store  # noqa: F401 - fixtures
from tests.outbox.conftest import Away
from tests.support.jobs import request
from tests.support.polling import wait_until


@pytest.fixture
def gone(without_store: Config, key: Callable[..., str]) -> Api:  # noqa: F811
    """A client of an installation whose store is away and whose outbox has a refused job between two that wait."""
    items = [outbox.Item(request(name, payload=b'"secret"')) for name in ("first", "bad", "last")]
    outbox.accept(items, without_store)
    table.refuse("default", OutboxEntry.objects.get(job_id="bad"), "invalid: there are 1000 queues already")
    return Api(key())


def test_a_refused_job_waits_again_at_its_old_place_without_a_store(gone: Api) -> None:
    before = gone.get("/outbox?refused=true").json()
    assert (before["waiting"], before["refused"], [item["jobId"] for item in before["items"]]) == (2, 1, ["bad"])
    answer = gone.post("/outbox/bad/retry", {"reason": "queues were deleted"})
    assert answer.status_code == 200
    why = "invalid: there are 1000 queues already"
    assert answer.json() == before["items"][0] | {"error": why, "refused": None}
    assert b"secret" not in answer.content
    after = gone.get("/outbox").json()
    assert [item["jobId"] for item in after["items"]] == ["first", "bad", "last"]
    assert after["items"][1] == answer.json()
    assert (after["waiting"], after["refused"]) == (3, 0)
    assert after["bytes"] == sum(item["bytes"] for item in after["items"]) > 0


def test_it_is_on_record_and_the_forwarder_is_rung(gone: Api) -> None:
    bell = threading.Event()
    bells.add(bell)
    assert gone.post("/outbox/bad/retry", {"reason": "queues were deleted"}).status_code == 200
    assert bell.is_set()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target_id, entry.status, entry.count) == ("job.retry", "bad", "done", 1)
    assert (entry.reason, entry.detail) == ("queues were deleted", {"outbox": True})


def test_all_refused_jobs_wait_again_at_their_old_places(gone: Api, key: Callable[..., str]) -> None:  # noqa: F811
    table.refuse("default", OutboxEntry.objects.get(job_id="last"), "store_error: a spoilt key")
    problem(Api(key("read", "enqueue", name="reader")).post("/outbox/retry"), 403, "missing_scope")
    bell = threading.Event()
    bells.add(bell)
    answer = gone.post("/outbox/retry", {"reason": "all is mended"})
    assert (answer.status_code, answer.json(), bell.is_set()) == (200, {"jobs": 2}, True)
    page = gone.get("/outbox").json()
    assert [(item["jobId"], item["error"]) for item in page["items"]] == [
        ("first", None),
        ("bad", "invalid: there are 1000 queues already"),
        ("last", "store_error: a spoilt key"),
    ]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.count, entry.reason) == ("jobs.operation", 2, "all is mended")
    assert gone.post("/outbox/retry").json() == {"jobs": 0}


def test_only_a_refused_job_that_is_there_waits_again(gone: Api, key: Callable[..., str]) -> None:  # noqa: F811
    refusal = problem(gone.post("/outbox/first/retry"), 409, "conflict")
    assert (refusal["detail"], refusal["jobId"]) == ("The job waits for the store already.", "first")
    problem(gone.post("/outbox/unknown/retry"), 404, "not_found")
    problem(gone.post("/outbox/bad/retry", {"why": "?"}), 422, "invalid")
    problem(Api(key("read", "enqueue", name="reader")).post("/outbox/bad/retry"), 403, "missing_scope")
    assert OutboxEntry.objects.get(job_id="bad").refused
    assert not AuditEntry.objects.exists()


def test_one_that_somebody_else_was_quicker_with_is_a_conflict_on_record(
    gone: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = OutboxEntry.objects.get(job_id="bad")
    assert gone.post("/outbox/bad/retry").status_code == 200
    monkeypatch.setattr(outbox, "find", lambda job_id: seen)  # as it looked a moment ago
    for late in (gone.post("/outbox/bad/retry"), gone.delete("/outbox/bad")):
        assert problem(late, 409, "conflict")["detail"] == "The job is not refused any more."
    assert OutboxEntry.objects.get(job_id="bad").refused == ""
    assert list(AuditEntry.objects.order_by("id").values_list("status", flat=True)) == ["done", "failed", "failed"]


def test_a_forwarder_that_looks_now_and_then_only_is_woken(away: Away) -> None:
    """So it is where the outbox is off by now, and something is left from before."""
    jobs = [request() for _ in range(4)]
    outbox.accept([outbox.Item(job) for job in jobs], away.config)
    for entry in OutboxEntry.objects.exclude(job_id=jobs[0].id):
        table.refuse("default", entry, "store_error: a spoilt key")
    with away.forwarding(period=3600.0):
        wait_until(lambda: OutboxEntry.objects.count() == 3)
        for left in (2, 1, 0):
            assert table.wait_again("default", OutboxEntry.objects.order_by("id")[0])
            outbox.ring()
            wait_until(lambda: OutboxEntry.objects.count() == left)  # noqa: B023 - it is awaited here
    assert away.told == [job.id for job in jobs]


def test_the_store_takes_it_once_what_was_in_its_way_is_gone(away: Away) -> None:
    queues = [part for n in range(MAX_QUEUES) for part in (f"q{n}", "1")]
    away.seen.client.call("HSET", away.seen.keys.queues, *queues)
    job = request(queue="one-more")
    outbox.accept([outbox.Item(job)], away.config)
    with away.forwarding():
        wait_until(lambda: OutboxEntry.objects.exclude(refused="").exists())
        assert table.wait_again("default", OutboxEntry.objects.get())
        outbox.ring()
        wait_until(lambda: OutboxEntry.objects.filter(tries=2).exclude(refused="").exists())  # for the same reason
        away.seen.client.call("HDEL", away.seen.keys.queues, "q0")
        entry = OutboxEntry.objects.get()
        assert table.wait_again("default", entry)
        assert (entry.refused, entry.error) == ("", "invalid: there are 1000 queues already")
        outbox.ring()
        wait_until(lambda: not OutboxEntry.objects.exists())
    [record] = away.seen.reader.records([job.id])
    assert record is not None
    assert (record.state, record.queue) == (State.PENDING, "one-more")
    assert away.told == [job.id]
