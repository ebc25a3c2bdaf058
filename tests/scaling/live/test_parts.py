"""What is seen of a pool is its own: not paused, not put off, and of a queue that several pools serve its part."""

from __future__ import annotations

import msgspec
import pytest

from jobs.store.registry import WorkerInfo
from jobs.store.scaling import Kept
from scaling.memo import Memo, write_memo
from scaling.observation import Due
from scaling.observer import Observer
from tests.support.jobs import StoreKit

from .crowd import crowd, decided
from .test_observer import into_a_bucket


def observed(kit, pool="default"):
    observer = Observer(kit.store)
    return observer.observe(pool, observer.look(), Kept(memory=write_memo(Memo())))[0]


def other_pool(kit: StoreKit, *queues: str, busy: int = 0) -> None:
    """Let a worker of another pool live."""
    info = kit.store.registry.workers()[0].info
    assert isinstance(info, WorkerInfo)
    other = msgspec.structs.replace(info, id="other-0", pool="other", queues=queues, busy=busy)
    kit.store.registry.heartbeat(other)


def test_jobs_for_tomorrow_do_not_arrive_today(kit):
    into_a_bucket(kit, 5000)
    crowd(kit, 1)
    kit.enqueue_many(100, delay_ms=86_400_000)
    seen = observed(kit)
    assert (seen.arrivals.last_15s, seen.waiting, seen.due) == (0, 0, ())


def test_jobs_arrive_when_they_fall_due(kit):
    kit.enqueue_many(30, delay_ms=1000)
    into_a_bucket(kit, 5000)
    crowd(kit, 1)
    assert len(kit.promote()) == 30
    seen = observed(kit)
    assert (seen.arrivals.last_15s, seen.waiting) == (pytest.approx(2, rel=0.1), 30)


def test_nothing_arrives_or_falls_due_in_a_paused_queue(kit):
    into_a_bucket(kit, 5000)
    crowd(kit, 1)
    kit.enqueue_many(30)
    kit.enqueue_many(5, delay_ms=20_000)
    kit.operator.pause("default")
    seen = observed(kit)
    assert (seen.arrivals.last_15s, seen.arrivals.last_300s, seen.waiting, seen.due) == (0, 0, 0, ())
    kit.operator.resume("default")
    seen = observed(kit)
    assert (seen.arrivals.last_15s, seen.waiting, seen.due_within(20)) == (pytest.approx(2, rel=0.1), 30, 5)


def test_held_jobs_neither_arrive_nor_wait(kit):
    into_a_bucket(kit, 5000)
    crowd(kit, 1)
    kit.type_pauses.pause("echo")
    kit.enqueue_many(30)
    kit.enqueue_many(5, delay_ms=20_000)
    seen = observed(kit)
    assert (seen.arrivals.last_15s, seen.waiting, seen.due) == (0, 0, ())


def test_jobs_of_queues_of_others_do_not_fall_due_here(kit):
    crowd(kit, 1)
    kit.enqueue_many(3, delay_ms=11_000)
    kit.enqueue_many(400, delay_ms=11_000, queue="another")
    seen = observed(kit)
    assert [each.jobs for each in seen.due] == [3] * 7
    assert seen.due[0] == Due(15.0, 3)


def test_pools_that_share_a_queue_have_a_part_each(kit):
    into_a_bucket(kit, 5000)
    crowd(kit, 1)
    kit.enqueue_many(30)
    kit.enqueue_many(7, delay_ms=20_000)
    kit.enqueue_many(15, queue="own")
    kit.claim(kit.worker(), 1)
    other_pool(kit, "default", "own", busy=1)
    ours, others = observed(kit), observed(kit, "other")
    assert (ours.waiting, others.waiting) == (15, 30)
    assert (ours.arrivals.last_15s, others.arrivals.last_15s) == (pytest.approx(1, rel=0.1), pytest.approx(2, rel=0.1))
    assert (ours.due_within(20), others.due_within(20)) == (4, 4)
    assert (ours.active, others.active) == (0, 1)


def test_the_last_job_of_a_shared_queue_waits_for_each_of_its_pools(kit):
    crowd(kit, 1)
    kit.enqueue()
    other_pool(kit, "default")
    assert (observed(kit).waiting, observed(kit, "other").waiting) == (1, 1)


def test_a_pool_has_a_queue_to_itself_when_the_other_one_is_gone(kit):
    crowd(kit, 1)
    kit.enqueue_many(30)
    other_pool(kit, "default")
    kit.store.registry.leave("other-0")
    assert observed(kit).waiting == 30


@pytest.mark.parametrize("strategy", ["latency_target", "default", "predictive"])
def test_a_pool_does_not_grow_for_jobs_of_tomorrow_nor_for_those_of_a_paused_queue_or_type(
    kit, scaler, policy, strategy
):
    policy(strategy=strategy, maximum=20)
    kit.enqueue_many(3000, delay_ms=86_400_000)
    assert decided(kit, scaler).target == 1
    kit.type_pauses.pause("other")
    kit.enqueue_many(1000, type="other")
    kit.operator.pause("default")
    kit.enqueue_many(1000)
    made = [decided(kit, scaler) for _ in range(3)]
    assert {each.target for each in made} == {1}
    kit.operator.resume("default")
    assert decided(kit, scaler).target > 1
