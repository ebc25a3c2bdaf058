"""Jobs that went to the store, and whose answers were lost: they are not made again, though they are gone by then."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import connection, connections

from jobs import outbox
from jobs.errors import StoreUnavailable
from jobs.models import OutboxEntry
from jobs.outbox import Forwarder, scribe, table
from jobs.outbox.unsure import settle_unsure
from jobs.requests import JobSpec
from jobs.store.producer import Marker
from jobs.store.store import Store
from jobs.types import Enqueued, JobRequest
from tests.outbox.conftest import Away
from tests.support.jobs import request
from tests.support.polling import wait_until


def created(away: Away) -> int:
    return away.seen.reader.totals().get("created", 0)


def test_a_job_that_ends_before_its_entry_is_forwarded_does_not_run_again(away: Away) -> None:
    before = [request() for _ in range(300)]
    outbox.accept([outbox.Item(job) for job in before], away.config)
    away.manager.enqueue("echo")
    with away.server.away("freeze"):
        answer = away.manager.enqueue("echo")
    assert OutboxEntry.objects.get(job_id=answer.id).unsure
    wait_until(lambda: created(away) == 2)  # it had read what was sent to it

    def prune(sent: JobRequest, made: Enqueued) -> None:
        """All that was there is gone as soon as the first entry is sent."""
        away.seen.operator.delete([answer.id])

    forwarder = Forwarder(partial(Store.open, away.config, timeout=2.0, most=1), "tester", prune)
    forwarder.start()
    wait_until(lambda: not OutboxEntry.objects.exists())
    forwarder.stop()
    assert forwarder.join(5)
    assert created(away) == 302
    assert away.seen.reader.records([answer.id]) == [None]


def test_what_the_store_does_not_have_is_sent_and_asked_for_until_no_request_can_be_under_way(away: Away) -> None:
    jobs = [request() for _ in range(3)]
    outbox.accept([outbox.Item(job, unsure=True) for job in jobs], away.config)
    away.seen.producer.enqueue(jobs[:1])
    OutboxEntry.objects.filter(job_id=jobs[1].id).update(accepted_ms=1)
    settle_unsure(away.seen, "default", lambda: True)
    assert list(OutboxEntry.objects.order_by("id").values_list("job_id", "unsure")) == [
        (jobs[1].id, False),
        (jobs[2].id, True),
    ]
    with away.forwarding():
        wait_until(lambda: not OutboxEntry.objects.exists())
    assert created(away) == 3


def test_jobs_under_a_key_and_such_as_were_never_sent_are_sure(away: Away) -> None:
    with away.server.away("freeze"):
        away.manager.enqueue("echo", job_id="sent")
        away.manager.submit(JobSpec("echo", job_id="keyed"), Marker("k" * 64, "b" * 64, 60))
        while not away.store.client.breaker.is_shut:
            away.manager.enqueue("echo")
        away.manager.enqueue("echo", job_id="not-sent")
    unsure = dict(OutboxEntry.objects.values_list("job_id", "unsure"))
    assert (unsure["sent"], unsure["keyed"], unsure["not-sent"]) == (True, False, False)


def test_they_are_found_without_reading_the_others(away: Away) -> None:
    if connection.vendor == "sqlite":
        plan = table.unsure("default").explain()
        assert "outbox_unsure" in plan


@contextmanager
def locked() -> Iterator[None]:
    """Nobody else can write the database."""
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            held.set()
            over.wait(20)
            cursor.execute("ROLLBACK")
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_job_that_may_be_in_the_outbox_all_the_same_is_named(away: Away, monkeypatch: pytest.MonkeyPatch) -> None:
    away.server.kill()
    away.manager.enqueue("echo")
    monkeypatch.setattr(scribe, "WAIT_SECONDS", 0.2)
    with locked(), pytest.raises(StoreUnavailable) as caught:
        away.manager.enqueue("echo", job_id="mine")
    assert (caught.value.kind, caught.value.job_ids) == ("outbox_away", ("mine",))
    wait_until(lambda: OutboxEntry.objects.filter(job_id="mine").exists())  # it was on its way
    assert not away.manager.enqueue("echo", job_id="mine").created
    assert OutboxEntry.objects.filter(job_id="mine").count() == 1
