"""Delayed and retrying jobs start on time, never early, also when the timer's holder has just died."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobs.maintenance import promoter
from jobs.maintenance.promoter import Promoter
from jobs.maintenance.runner import Plan
from jobs.states import State
from jobs.store.consumer import Consumer
from tests.support.jobs import StoreKit, failed
from tests.support.polling import wait_until

from .conftest import Lead, MakeRunner, depose

TIMER = Plan(promoter.NAME, 0.0, Promoter, promoter.TERMS)


@pytest.fixture
def promote(kit: StoreKit, lead: Lead) -> Callable[[], int]:
    """Return a function that runs a promoter once."""
    made = Promoter(kit.store, lead(kit, promoter.NAME))
    return lambda: made.run_once().done


def start_of(kit: StoreKit, worker: Consumer) -> int:
    """The lateness in ms of the next job that the worker gets."""

    def claimed() -> list[int]:
        worker.wait(["default"], kit.keys.control("w"), 0.5)
        return [claim.record.claimed - claim.record.ready_at for claim in kit.claim(worker)]

    return wait_until(claimed)[0]


def test_due_jobs_go_to_their_queue_in_the_order_in_which_they_are_due(kit: StoreKit, promote):
    late, early = kit.enqueue(delay_ms=2000), kit.enqueue(delay_ms=1000)
    kit.advance(2500)
    assert promote() == 2
    assert [claim.id for claim in kit.claim(kit.worker(), 2)] == [early, late]


def test_retrying_jobs_are_promoted_too(kit: StoreKit, promote):
    claim = kit.claimed()
    kit.worker().fail([failed(claim, delay_ms=1000)])
    assert promote() == 0
    kit.advance(1001)
    assert promote() == 1
    assert kit.state(claim.id) is State.PENDING


def test_many_due_at_one_instant_are_promoted_in_batches(kit: StoreKit, promote):
    kit.enqueue_many(700, delay_ms=1000)
    kit.advance(1001)
    assert promote() == 700


def test_what_is_not_due_stays(kit: StoreKit, promote):
    job_id = kit.enqueue(delay_ms=60_000)
    assert promote() == 0
    assert kit.state(job_id) is State.SCHEDULED


def test_an_unreadable_job_does_not_stand_in_the_way(kit: StoreKit, promote):
    broken, ghost, whole = (kit.enqueue(delay_ms=delay) for delay in (10, 20, 30))
    kit.client.call("HSET", kit.keys.metadata, broken, b"\xc1garbage")
    kit.client.call("HDEL", kit.keys.metadata, ghost)
    kit.advance(1000)
    assert promote() == 3
    assert kit.state(whole) is State.PENDING
    assert kit.client.call("ZCARD", kit.keys.scheduled) == 0
    assert kit.client.call("ZRANGE", kit.keys.dlq, 0, -1) == [broken.encode()]


def test_a_due_job_starts_within_50_ms_and_never_early(kit: StoreKit, make_runner: MakeRunner):
    make_runner(TIMER)
    worker = kit.worker("w")
    wait_until(lambda: kit.keeper.leaders([promoter.NAME]))
    lateness = []
    for round_number in range(15):
        kit.enqueue(delay_ms=20 + 13 * round_number)
        lateness.append(start_of(kit, worker))
    assert min(lateness) >= 0
    assert sorted(lateness)[-2] < 50, lateness  # one hiccup of a busy machine is not the timer's


def test_an_earlier_job_wakes_the_timer(kit: StoreKit, make_runner: MakeRunner):
    make_runner(TIMER)
    worker = kit.worker("w")
    kit.enqueue(delay_ms=3_600_000)
    wait_until(lambda: kit.keeper.leaders([promoter.NAME]))
    kit.enqueue(delay_ms=30)
    assert 0 <= start_of(kit, worker) < 100


def test_when_the_holder_dies_another_is_at_most_a_second_and_a_half_late(kit: StoreKit, make_runner: MakeRunner):
    terms = promoter.TERMS
    kit.keeper.lead(promoter.NAME, "dead", int(terms.lease * 1000))
    kit.enqueue(delay_ms=1)
    make_runner(TIMER)
    assert start_of(kit, kit.worker("w")) < 1500
    assert terms.lease + terms.retry < 1.5


def test_who_finds_itself_deposed_stands_again(kit: StoreKit, make_runner: MakeRunner):
    make_runner(TIMER, "one")
    wait_until(lambda: kit.keeper.leaders([promoter.NAME]))
    depose(kit, promoter.NAME)
    kit.enqueue(delay_ms=1)
    assert start_of(kit, kit.worker("w")) < 1500
