"""How what lies in the outbox comes to the store."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.db import connections

from jobs import outbox
from jobs.clock import local_ms
from jobs.models import OutboxEntry
from jobs.outbox import Forwarder
from jobs.outbox.lease import Lease
from jobs.requests import JobSpec
from jobs.states import State
from jobs.store.producer import MAX_QUEUES, IdempotencyKeyReused, Marker
from jobs.store.store import Store
from jobs.types import Enqueued, JobRecord, JobRequest
from tests.outbox.conftest import Away
from tests.support.jobs import request
from tests.support.polling import wait_until

MARKER = Marker("k" * 64, "b" * 64, 3600)


def put_down(away: Away, *requests: JobRequest, ago_ms: int = 0, **more: Any) -> None:
    items = [outbox.Item(each, local_ms() - ago_ms, **more) for each in requests]
    assert all(getattr(answer, "accepted", False) for answer in outbox.accept(items, away.config))


def forwarded(away: Away) -> None:
    with away.forwarding():
        wait_until(lambda: not OutboxEntry.objects.filter(refused="").exists())


def record(away: Away, job_id: str) -> JobRecord:
    [found] = away.seen.reader.records([job_id])
    assert found is not None
    return found


def created(away: Away) -> int:
    return away.seen.reader.totals().get("created", 0)


def test_jobs_are_sent_in_the_order_in_which_they_were_accepted(away: Away) -> None:
    requests = [request() for _ in range(600)]
    for some in (requests[:350], requests[350:]):
        put_down(away, *some)
    forwarded(away)
    records = [record(away, each.id) for each in requests]
    positions = [each.position for each in records]
    assert positions == sorted(set(positions))
    assert away.told == [each.id for each in requests]


def test_a_delay_counts_from_the_acceptance_and_a_time_stays(away: Away) -> None:
    waits, over, fixed = request(delay_ms=60_000), request(delay_ms=20_000), request(due_ms=32_503_680_000_000)
    put_down(away, waits, over, fixed, ago_ms=20_000)
    forwarded(away)
    assert 38_000 < record(away, waits.id).ready - away.seen.reader.now_ms() <= 40_000
    assert record(away, over.id).state is State.PENDING
    assert record(away, fixed.id).ready == 32_503_680_000_000


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_delay_is_the_same_whatever_the_clocks_of_hosts_say(
    away: Away, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """Those of the hosts that accept it and forward it may differ; the database's counts."""
    job, now = request(delay_ms=60_000), time.time
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(time, "time", lambda: now() + hours * 3600)
        [answer] = outbox.accept([outbox.Item(job)], away.config)
    assert isinstance(answer, Enqueued)
    assert abs(answer.created_ms - now() * 1000) < 10_000
    assert outbox.view().oldest_ms < 10_000
    forwarded(away)
    assert 50_000 < record(away, job.id).ready - away.seen.reader.now_ms() <= 60_000


def test_a_job_whose_key_is_taken_ends_cancelled(away: Away) -> None:
    holder, late, next_one = (request(deduplication_key="one") for _ in range(3))
    away.seen.producer.enqueue([holder])
    put_down(away, late, next_one)
    forwarded(away)
    assert record(away, holder.id).state is State.PENDING
    found = [record(away, late.id), record(away, next_one.id)]
    assert [(each.state, each.error) for each in found] == [(State.CANCELLED, "duplicate_job")] * 2


def test_a_forwarder_that_died_before_it_cancelled_a_duplicate_is_made_up_for(away: Away) -> None:
    holder, late = request(deduplication_key="one"), request(deduplication_key="one")
    put_down(away, late)
    OutboxEntry.objects.update(duplicate_of=holder.id)
    forwarded(away)  # though nobody holds the key by now
    assert record(away, late.id).error == "duplicate_job"
    put_down(away, late)
    OutboxEntry.objects.update(duplicate_of=holder.id)
    forwarded(away)
    assert (created(away), record(away, late.id).state) == (1, State.CANCELLED)


def test_an_entry_that_is_sent_again_after_its_job_is_gone_makes_nothing(away: Away) -> None:
    job = request()
    for _ in range(2):
        put_down(away, job)
        forwarded(away)
        away.seen.operator.delete([job.id])
    assert (created(away), away.seen.reader.records([job.id])) == (1, [None])


def test_a_repeat_with_an_idempotency_key_gets_the_answer_of_the_forwarded_one(away: Away) -> None:
    spec = JobSpec("echo", job_id="mine")
    request_made = away.manager.prepare(spec)
    put_down(away, request_made, marker=MARKER)
    with pytest.raises(IdempotencyKeyReused):
        raise_of(outbox.accept([outbox.Item(request(), marker=MARKER._replace(body="c" * 64))], away.config))
    forwarded(away)
    away.seen.operator.delete(["mine"])
    assert away.manager.submit(spec, MARKER).id == "mine"
    assert away.seen.reader.records(["mine"]) == [None]
    with pytest.raises(IdempotencyKeyReused):
        away.manager.submit(spec, MARKER._replace(body="c" * 64))


def raise_of(answers: Sequence[Any]) -> None:
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer


def test_a_bulk_enqueue_is_remembered_like_one_that_the_store_took(away: Away) -> None:
    specs = [JobSpec("echo", n, job_id=f"job-{n}") for n in range(7)]
    with away.server.away("kill"):
        assert all(answer.accepted for _, answer in away.manager.enqueue_many(specs, MARKER, batch_jobs=3).accepted)
    forwarded(away)
    ids = [spec.job_id for spec in specs if spec.job_id]
    assert None not in away.seen.reader.records(ids)
    away.seen.operator.delete(ids)
    again = wait_until(lambda: away.manager.enqueue_many(specs, MARKER, batch_jobs=3))
    assert [answer.id for _, answer in again.accepted] == ids
    assert away.seen.reader.records(ids) == [None] * 7
    with pytest.raises(IdempotencyKeyReused):
        away.manager.enqueue_many(specs, MARKER._replace(body="c" * 64))


def test_what_can_never_be_taken_is_refused_and_holds_up_nobody(away: Away) -> None:
    away.seen.client.call("HSET", away.seen.keys.queues, *(part for n in range(MAX_QUEUES) for part in (f"q{n}", "1")))
    bad, good = request(queue="one-more"), request(queue="q1")
    put_down(away, bad, good)
    OutboxEntry.objects.create(job_id="x", type="echo", queue="q1", request=b"?", accepted_ms=1)
    forwarded(away)
    assert record(away, good.id).state is State.PENDING
    refused = dict(OutboxEntry.objects.values_list("job_id", "refused"))
    assert refused[bad.id] == "invalid: there are 1000 queues already"
    assert refused["x"].startswith("unreadable: ")
    assert (outbox.view().waiting, outbox.view().refused) == (0, 2)


def test_a_full_outbox_takes_no_more_but_knows_what_it_has(away: Away) -> None:
    small = replace(away.config, outbox_max=3)
    jobs = [request() for _ in range(5)]
    answers = outbox.accept([outbox.Item(each) for each in jobs], small)
    assert [getattr(answer, "kind", "") for answer in answers] == ["", "", "", "outbox_full", "outbox_full"]
    [repeat] = outbox.accept([outbox.Item(jobs[0])], small)
    assert (getattr(repeat, "created", True), OutboxEntry.objects.count()) == (False, 3)
    forwarded(away)
    assert not any(isinstance(answer, Exception) for answer in outbox.accept([outbox.Item(jobs[4])], small))


def test_two_forwarders_at_once_make_each_job_once(away: Away, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lease, "take", lambda lease, using: True)
    put_down(away, *(request() for _ in range(500)))
    with away.forwarding("one"), away.forwarding("two"):
        wait_until(lambda: not OutboxEntry.objects.exists())
    assert (created(away), away.seen.reader.sizes(away.seen.reader.indexes(State.PENDING))) == (500, 500)


def test_only_the_holder_of_the_lease_forwards(away: Away) -> None:
    one, two = Lease("one", 60.0), Lease("two", 60.0)
    assert (one.take("default"), two.take("default"), one.take("default")) == (True, False, True)
    one.give_back("default")
    assert (two.take("default"), one.take("default")) == (True, False)
    assert Lease("three", 10.0).take("default")  # one that reaches so far ahead is from before the clock was set back


def test_a_forwarder_killed_in_the_middle_is_taken_over(away: Away) -> None:
    requests = [request() for _ in range(600)]
    put_down(away, *requests)

    def die(sent: JobRequest, answer: Enqueued) -> None:
        if sent.id == requests[310].id:  # a window is deleted, and some of the next one are sent
            os.kill(os.getpid(), signal.SIGKILL)

    victim = Forwarder(partial(Store.open, away.config, timeout=2.0, most=1), "victim", die, lease=1.0)
    connections.close_all()
    child = multiprocessing.get_context("fork").Process(target=victim.run, daemon=True)
    child.start()
    child.join(20)
    assert child.exitcode == -signal.SIGKILL
    assert (created(away), OutboxEntry.objects.count()) == (350, 350)
    with away.forwarding(lease=1.0):
        wait_until(lambda: not OutboxEntry.objects.exists())
    assert (created(away), away.seen.reader.sizes(away.seen.reader.indexes(State.PENDING))) == (600, 600)
