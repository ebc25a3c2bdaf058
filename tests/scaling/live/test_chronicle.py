"""The scaler keeps what each minute counted and what it saw of it."""

from __future__ import annotations

import pytest

from jobs.maintenance.leadership import Leadership
from scaling.history import as_trace, read_history, service_time
from scaling.scaler import NAME, Scaler
from tests.support.jobs import StoreKit, completed, failed

from .crowd import crowd

MINUTE_MS = 60_000


def at(kit: StoreKit, seconds: float) -> None:
    """Move the time to so many seconds after the beginning of the next minute, with a worker that lives."""
    kit.advance(MINUTE_MS - kit.reader.now_ms() % MINUTE_MS + round(seconds * 1000))
    crowd(kit, 1)


def later(kit: StoreKit, scaler: Scaler, seconds: float) -> None:
    """Let time pass, and the scaler look."""
    kit.advance(round(seconds * 1000))
    crowd(kit, 1)
    scaler.run_once()


def kept(kit: StoreKit):
    now = kit.reader.now_ms() / 1000
    return read_history(kit.store, "default", now - 86_400, now + 86_400)


def another(kit: StoreKit) -> Scaler:
    """A scaler that takes over."""
    kit.client.call("DEL", kit.keys.leader(NAME))
    leadership = Leadership(kit.keeper, NAME, "another")
    assert leadership.keep()
    return Scaler(kit.store, leadership)


def test_a_minute_has_its_counts_and_the_mean_of_what_was_seen(kit, scaler):
    at(kit, 1)
    began = kit.reader.now_ms() // MINUTE_MS * 60
    kit.enqueue_many(30)
    scaler.run_once()
    worker = kit.worker()
    for number, claim in enumerate(kit.claim(worker, 4)):
        if number:
            worker.complete([completed(claim, duration_ms=2000)])
        else:
            worker.fail([failed(claim)])
    later(kit, scaler, 20)
    assert kept(kit) == []
    later(kit, scaler, 45)
    (minute,) = kept(kit)
    assert (minute.start, minute.seconds, minute.looks) == (began, 60, 2)
    assert (minute.arrived, minute.completed, minute.failed, minute.busy_seconds) == (30, 3, 1, 6.0)
    assert (minute.depth, minute.depth_max, minute.active) == (28.0, 30, 0.0)
    assert (minute.workers, minute.slots, minute.desired) == (1.0, 5, 1)
    assert minute.latency_max == pytest.approx(21, abs=1.5)
    assert (minute.arrival_rate, minute.service_time, minute.error_rate) == (0.5, 2.0, 0.25)


def test_a_minute_has_no_jobs_that_are_put_off_and_its_part_of_a_shared_queue(kit, scaler):
    at(kit, 1)
    kit.enqueue_many(30)
    kit.enqueue_many(7, delay_ms=86_400_000)
    for moment in (0, 65):
        kit.advance(moment * 1000)
        crowd(kit, 1)
        kit.store.registry.join_pool("other", "host", 4, 0, ("default",))
        scaler.run_once()
    (minute,) = kept(kit)
    assert (minute.arrived, minute.depth, minute.looks) == (15, 15.0, 1)


def test_who_takes_over_in_a_minute_counts_all_of_it(kit, scaler):
    at(kit, 1)
    kit.enqueue_many(3)
    scaler.run_once()
    successor = another(kit)
    later(kit, successor, 30)
    kit.enqueue_many(4)
    later(kit, successor, 31)
    (minute,) = kept(kit)
    assert (minute.arrived, minute.looks) == (7, 1)


def test_minutes_in_which_nobody_looked_stay_gaps_and_a_trace_fills_them(kit, scaler):
    at(kit, 1)
    kit.enqueue_many(60)
    scaler.run_once()
    later(kit, scaler, 60)
    later(kit, scaler, 60)
    later(kit, scaler, 240)
    kit.enqueue_many(120)
    later(kit, scaler, 60)
    first = kept(kit)[0].start
    assert [(minute.start - first) // 60 for minute in kept(kit)] == [0, 1, 2, 6]
    trace = as_trace(kept(kit))
    assert (trace.width, len(trace.rates)) == (10, 42)
    assert trace.rates[0] == 6
    assert sum(trace.rates[6:18]) == 0
    assert trace.rates[18:35] == pytest.approx([12 * step / 19 for step in range(1, 18)])
    assert service_time(kept(kit)) is None


def test_a_minute_that_can_no_more_be_counted_is_left_out(kit, scaler):
    at(kit, 1)
    scaler.run_once()
    later(kit, scaler, 600)
    assert kept(kit) == []


def test_a_clock_that_is_put_back_spoils_nothing(kit, scaler):
    at(kit, 1)
    kit.enqueue_many(5)
    scaler.run_once()
    later(kit, scaler, 60)
    later(kit, scaler, 30)
    kit.enqueue_many(31)
    before = kept(kit)
    later(kit, scaler, -90)
    assert [(minute.arrived, minute.seconds) for minute in kept(kit)] == [(5, 60), (31, 31)]
    for _ in range(4):
        kit.enqueue_many(100)
        later(kit, scaler, 30)
    assert kept(kit)[0] == before[0]
    assert [(minute.arrived, minute.seconds) for minute in kept(kit)] == [(5, 60), (31, 31)]
    later(kit, scaler, 61)
    assert [minute.seconds for minute in kept(kit)] == [60, 31, 60]


def test_a_pool_without_workers_is_kept_with_the_queues_it_had(kit, scaler):
    kit.enqueue(queue="another")
    kit.advance(5000)
    scaler.run_once()
    successor = another(kit)
    crowd(kit, 0)
    at_start = MINUTE_MS - kit.reader.now_ms() % MINUTE_MS + 1000
    kit.advance(at_start)
    kit.enqueue_many(2)
    successor.run_once()
    kit.advance(MINUTE_MS)
    successor.run_once()
    minute = kept(kit)[-1]
    assert (minute.arrived, minute.depth, minute.workers, minute.slots) == (2, 2.0, 0.0, 5)


def test_a_key_that_is_none_of_ours_costs_the_history_and_no_decision(kit, scaler):
    at(kit, 1)
    day = kit.reader.now_ms() // 86_400_000
    kit.client.call("LPUSH", kit.keys.pool_day("default", day), "foreign")
    scaler.run_once()
    later(kit, scaler, 61)
    kit.enqueue_many(151)
    later(kit, scaler, 5)
    assert kit.store.registry.desired() == {"default": 4}
