"""Bulk operations at the asked rate, aborted within a second, by whoever leads."""

from __future__ import annotations

import pytest

from jobs.filtering import JobFilter
from jobs.maintenance.bulk import LOOK_SECONDS, NAME, BulkOperations
from jobs.states import State
from jobs.store.fencing import NotLeading
from jobs.store.operation import Action, Cursor, Status
from tests.support.jobs import StoreKit

from .bulk_kit import DEAD, die, finished
from .clock import HandClock
from .conftest import Lead, depose


def test_another_leader_goes_on_where_one_was_lost(kit: StoreKit, bulk: BulkOperations, lead: Lead):
    blocked = die(kit, 1, deduplication_key="k")
    kit.enqueue(deduplication_key="k", queue="other")
    die(kit, 40)
    made = kit.store.operations.open(Action.RETRY, DEAD, rate=100)
    assert bulk.run_once().done + 1 == 10, "the first is refused"
    depose(kit, NAME)
    second = BulkOperations(kit.store, lead(kit, NAME, "two"))
    done = finished(kit, second, made.id)
    assert (done.done, done.failed, [sample.job_id for sample in done.samples]) == (40, 1, blocked)
    assert kit.reader.totals()["retried"] == 40


def test_a_leader_lost_before_it_saved_repeats_nothing(kit: StoreKit, bulk: BulkOperations, lead: Lead, monkeypatch):
    ids = die(kit, 20)
    made = kit.store.operations.open(Action.RETRY, DEAD, rate=100)
    retry = kit.operator.retry

    def retry_and_lose(*args, **options):
        answers = retry(*args, **options)
        depose(kit, NAME)
        return answers

    monkeypatch.setattr(kit.operator, "retry", retry_and_lose)
    with pytest.raises(NotLeading):
        bulk.run_once()
    monkeypatch.undo()
    done = finished(kit, BulkOperations(kit.store, lead(kit, NAME, "two")), made.id)
    assert done.status is Status.DONE
    assert set(kit.states(ids)) == {State.PENDING}
    assert kit.reader.totals()["retried"] == 20


def test_an_abort_is_seen_at_the_next_look(kit: StoreKit, bulk: BulkOperations):
    ids = die(kit, 50)
    made = kit.store.operations.open(Action.RETRY, DEAD, rate=10)
    result = bulk.run_once()
    assert result.again is not None
    assert result.again <= LOOK_SECONDS < 1
    assert kit.store.operations.abort(made.id, "bob")
    bulk.run_once()
    done = kit.store.operations.get(made.id)
    assert done is not None
    assert (done.status, done.done, done.aborted_by) == (Status.ABORTED, 1, "bob")
    assert kit.states(ids).count(State.DEAD) == 49
    assert not kit.store.operations.abort(made.id), "it is over"


def test_the_rate_is_kept_smoothly(kit: StoreKit, lead: Lead):
    clock = HandClock()
    bulk = BulkOperations(kit.store, lead(kit, NAME), clock)
    die(kit, 300)
    kit.store.operations.open(Action.RETRY, DEAD, rate=50)
    done = []
    for _ in range(40):
        done.append(bulk.run_once().done)
        clock.seconds += 0.05
    assert sum(done) == pytest.approx(100, abs=6)
    assert max(done) <= 6


def test_lost_time_is_not_made_up_for(kit: StoreKit, lead: Lead):
    clock = HandClock()
    bulk = BulkOperations(kit.store, lead(kit, NAME), clock)
    die(kit, 300)
    kit.store.operations.open(Action.RETRY, DEAD, rate=100)
    bulk.run_once()
    clock.seconds += 60
    assert bulk.run_once().done <= 20


def test_a_slow_operation_holds_up_no_other(kit: StoreKit, bulk: BulkOperations, carry_out):
    die(kit, 10, type="slow")
    die(kit, 300, type="fast")
    slow = kit.store.operations.open(Action.RETRY, JobFilter(states=(State.DEAD,), types=("slow",)), rate=0.01)
    assert carry_out(Action.RETRY, JobFilter(states=(State.DEAD,), types=("fast",))).done == 300
    still = kit.store.operations.get(slow.id)
    assert still is not None
    assert (still.status, still.done) == (Status.RUNNING, 1)


def test_an_operation_that_breaks_harms_no_other(kit: StoreKit, bulk: BulkOperations, carry_out, monkeypatch):
    die(kit, 2)

    def broken(*args, **options):
        raise RuntimeError("out of paper")

    monkeypatch.setattr(kit.operator, "cancel", broken)
    kit.enqueue()
    bad = kit.store.operations.open(Action.CANCEL, JobFilter(types=("echo",)))
    assert carry_out(Action.RETRY, DEAD).status is Status.DONE
    done = kit.store.operations.get(bad.id)
    assert done is not None
    assert (done.status, done.error) == (Status.FAILED, "RuntimeError: out of paper")


def test_progress_of_a_deposed_runner_is_not_kept(kit: StoreKit, bulk: BulkOperations, lead: Lead):
    made = kit.store.operations.open(Action.RETRY, DEAD)
    depose(kit, NAME)
    lead(kit, NAME, "two")
    with pytest.raises(NotLeading):
        bulk.run_once()
    still = kit.store.operations.get(made.id)
    assert still is not None
    assert (still.status, still.cursor) == (Status.RUNNING, Cursor())
