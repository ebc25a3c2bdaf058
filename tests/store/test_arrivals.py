"""A job arrives when it becomes claimable: not while it is put off or held, whenever it was made."""

from __future__ import annotations

from jobs.store.scaling import Movement, bucket_number
from tests.support.jobs import BOOM, StoreKit, failed, snoozed


def arrived(kit: StoreKit, queue: str = "default") -> int:
    """How many jobs of a queue have arrived in the last minute and a half."""
    current = bucket_number(kit.reader.now_ms())
    return sum(each.arrived for each in kit.store.scaling.movements([queue], range(current - 9, current + 1)))


def test_a_new_job_arrives_at_once_and_one_that_is_put_off_when_it_falls_due(kit: StoreKit) -> None:
    kit.enqueue_many(2)
    kit.enqueue_many(3, delay_ms=20_000)
    kit.enqueue_many(1, delay_ms=86_400_000)
    assert arrived(kit) == 2
    kit.advance(20_001)
    assert len(kit.promote()) == 3
    assert arrived(kit) == 5
    assert kit.store.glance.figures().lately("default", "in") == 6


def test_a_job_that_somebody_runs_now_arrives_then(kit: StoreKit) -> None:
    job = kit.enqueue(delay_ms=86_400_000)
    kit.operator.run_now([job])
    assert arrived(kit) == 1


def test_jobs_of_a_paused_type_arrive_when_it_is_resumed(kit: StoreKit) -> None:
    kit.type_pauses.pause("echo")
    kit.enqueue_many(3)
    kit.enqueue(delay_ms=1000)
    kit.advance(1001)
    kit.promote()
    assert arrived(kit) == 0
    kit.type_pauses.resume("echo")
    assert arrived(kit) == 4


def test_a_job_that_was_tried_or_put_off_arrives_again(kit: StoreKit) -> None:
    worker = kit.worker()
    worker.fail([failed(kit.claimed(worker))])
    worker.snooze([snoozed(kit.claimed(worker))])
    assert arrived(kit) == 2
    kit.advance(1001)
    assert len(kit.promote()) == 2
    assert arrived(kit) == 4


def test_a_dead_job_that_is_retried_arrives_unless_it_is_held(kit: StoreKit) -> None:
    worker = kit.worker()
    dead = [kit.claimed(worker) for _ in range(2)]
    worker.fail([failed(claim, BOOM, final=True) for claim in dead])
    kit.operator.retry([dead[0].id])
    assert arrived(kit) == 3
    kit.type_pauses.pause("echo")
    kit.operator.retry([dead[1].id])
    assert arrived(kit) == 3


def test_nothing_moves_where_no_queue_is_asked_about(kit: StoreKit) -> None:
    assert kit.store.scaling.movements([], [1, 2]) == [Movement(), Movement()]
