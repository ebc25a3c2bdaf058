"""What is seen of a pool is what the store counted."""

from __future__ import annotations

import msgspec
import pytest

from scaling.memo import Memo, write_memo
from scaling.observation import Due, Rates
from scaling.observer import Observer
from tests.support.jobs import StoreKit, completed, failed

from .crowd import crowd

BUCKET_MS = 10_000


def observed(kit: StoreKit):
    """The pool as it is seen by who has known it for long."""
    observer, kept = Observer(kit.store), kit.store.scaling.kept("default")
    known = msgspec.structs.replace(kept, memory=kept.memory or write_memo(Memo()))
    return observer.observe("default", observer.look(), known)[0]


def into_a_bucket(kit: StoreKit, ms: int) -> None:
    """Move the time to so many ms after the beginning of a bucket of the time series."""
    kit.advance(2 * BUCKET_MS - kit.reader.now_ms() % BUCKET_MS + ms)


def test_jobs_that_wait_and_run_are_counted_with_the_age_of_the_oldest(kit):
    kit.enqueue_many(7)
    kit.advance(4000)
    kit.claim(kit.worker(), 3)
    crowd(kit, 2)
    seen = observed(kit)
    assert (seen.waiting, seen.active, seen.slots, seen.workers) == (4, 3, 5, 2)
    assert seen.oldest_age == pytest.approx(4, abs=1)


def test_a_paused_queue_has_no_jobs_that_could_be_claimed(kit):
    kit.enqueue_many(7)
    kit.operator.pause("default")
    seen = observed(kit)
    assert (seen.waiting, seen.oldest_age) == (0, 0)


def test_rates_are_about_the_last_15_60_and_300_seconds(kit):
    into_a_bucket(kit, 5000)
    kit.enqueue_many(30)
    rates = observed(kit).arrivals
    assert rates.last_15s == pytest.approx(30 / 15, rel=0.1)
    assert rates.last_60s == pytest.approx(30 / 55, rel=0.1)
    assert rates.last_300s == pytest.approx(30 / 295, rel=0.1)
    kit.advance(30_000)
    crowd(kit, 1)
    rates = observed(kit).arrivals
    assert (rates.last_15s, rates.last_60s) == (0, pytest.approx(30 / 55, rel=0.1))


def test_nothing_is_said_of_times_before_a_pool_was_known_unless_something_was_counted(kit, scaler):
    into_a_bucket(kit, 5000)
    crowd(kit, 1)
    scaler.run_once()
    assert observed(kit).arrivals == Rates()
    kit.advance(15_000)
    crowd(kit, 1)
    rates = observed(kit).arrivals
    assert (rates.last_15s, rates.last_60s, rates.last_300s) == (0, None, None)
    kit.enqueue_many(30)
    rates = observed(kit).arrivals
    assert (rates.last_15s, rates.last_300s) == (pytest.approx(3, rel=0.1), pytest.approx(0.1, rel=0.1))


def test_service_time_and_error_rate_are_those_of_executions(kit):
    into_a_bucket(kit, 1000)
    worker = kit.worker()
    for number in range(4):
        claim = kit.claimed(worker)
        if number:
            worker.complete([completed(claim, duration_ms=2000)])
        else:
            worker.fail([failed(claim)])
    seen = observed(kit)
    assert (seen.service_time, seen.error_rate) == (2.0, 0.25)


def test_jobs_under_a_millisecond_take_half_of_one(kit):
    into_a_bucket(kit, 1000)
    worker = kit.worker()
    worker.complete([completed(kit.claimed(worker), duration_ms=0)])
    assert observed(kit).service_time == 0.0005


def test_without_executions_nothing_is_said_of_them(kit):
    seen = observed(kit)
    assert (seen.service_time, seen.usual_service_time, seen.error_rate, seen.startup_time) == (None,) * 4


def test_jobs_that_become_due_soon_are_foreseen(kit):
    kit.enqueue(delay_ms=11_000)
    kit.enqueue(delay_ms=100_000)
    kit.enqueue(delay_ms=11_000, queue="another")
    crowd(kit, 1)
    seen = observed(kit)
    assert seen.due == (*(Due(ahead, 1) for ahead in (15.0, 20.0, 25.0, 30.0, 60.0)), Due(120.0, 2), Due(300.0, 2))
    assert [seen.due_within(seconds) for seconds in (14, 15, 90, 120, 900)] == [0, 1, 1, 2, 2]


def test_how_long_workers_take_to_come_is_measured(kit, scaler):
    kit.enqueue_many(151)
    kit.advance(5000)
    scaler.run_once()
    changed = kit.store.scaling.kept("default").changed_ms
    crowd(kit, 4, started_ms=changed + 700)
    kit.advance(5000)
    scaler.run_once()
    assert observed(kit).startup_time == pytest.approx(0.7)


def test_a_slow_start_up_is_measured_and_waited_for(kit, scaler):
    kit.enqueue_many(151)
    kit.advance(5000)
    scaler.run_once()
    changed = kit.store.scaling.kept("default").changed_ms
    kit.advance(65_000)
    crowd(kit, 4, started_ms=changed + 60_000)
    assert observed(kit).startup_time == pytest.approx(60)
    crowd(kit, 1)
    known = kit.store.scaling.kept("default")
    observer = Observer(kit.store)
    patient = observer.observe("default", observer.look(), known, 180.0)[0]
    assert (patient.workers, patient.starting, observed(kit).starting) == (1, 3, 0)


def test_a_pool_without_workers_keeps_the_queues_it_had(kit, scaler):
    kit.enqueue(queue="another")
    kit.advance(5000)
    scaler.run_once()
    crowd(kit, 0)
    kit.enqueue()
    seen = observed(kit)
    assert (seen.waiting, seen.workers, seen.slots) == (1, 0, 5)
