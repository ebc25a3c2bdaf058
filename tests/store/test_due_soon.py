"""Jobs that fall due soon are counted by their queue; of very many a sample is read, and no command takes long."""

from __future__ import annotations

import pytest

from tests.support.jobs import StoreKit, failed

MARKS = (5.0, 10.0, 60.0)


def due(kit: StoreKit) -> dict[str, list[int]]:
    return kit.store.scaling.due(kit.reader.now_ms(), MARKS)


def test_each_queue_has_its_own_jobs_that_fall_due(kit: StoreKit) -> None:
    kit.enqueue_many(3, delay_ms=4000, queue="mail")
    kit.enqueue_many(2, delay_ms=50_000, queue="mail")
    kit.enqueue_many(7, delay_ms=9000, queue="bills")
    kit.enqueue_many(9, delay_ms=90_000, queue="bills")
    assert due(kit) == {"mail": [3, 3, 5], "bills": [0, 7, 7]}


def test_a_job_that_is_to_be_tried_again_falls_due_too(kit: StoreKit) -> None:
    worker = kit.worker()
    worker.fail([failed(kit.claimed(worker), delay_ms=8000)])
    assert due(kit) == {"default": [0, 1, 1]}


def test_jobs_of_a_paused_type_do_not_become_claimable(kit: StoreKit) -> None:
    kit.enqueue_many(3, delay_ms=4000)
    kit.enqueue_many(2, delay_ms=4000, type="other")
    kit.type_pauses.pause("echo")
    assert due(kit) == {"default": [2, 2, 2]}
    kit.type_pauses.resume("echo")
    assert due(kit) == {"default": [5, 5, 5]}


def test_nothing_is_due_where_nothing_is_put_off(kit: StoreKit) -> None:
    kit.enqueue_many(3)
    assert due(kit) == {}


def test_of_very_many_jobs_a_sample_says_whose_they_are(kit: StoreKit) -> None:
    now = kit.reader.now_ms()
    for queue, count, delay in (("mail", 6000, 4000), ("bills", 2000, 8000), ("mail", 10, 59_000)):
        for start in range(0, count, 1000):
            kit.enqueue_many(min(1000, count - start), delay_ms=delay, queue=queue)
    found = kit.store.scaling.due(now, MARKS)
    assert found == {"mail": [6000, 6000, 6010], "bills": [0, 2000, 2000]}


def test_a_sample_meets_all_queues_that_batches_come_from_in_turn(kit: StoreKit) -> None:
    for turn in range(40):
        kit.enqueue_many(250, delay_ms=20_000 + 10 * turn, queue=f"q{turn % 4}")
    found = due(kit)
    assert sum(jobs[-1] for jobs in found.values()) == pytest.approx(10_000, abs=4)
    assert [found[f"q{number}"][-1] for number in range(4)] == [pytest.approx(2500, rel=0.15)] * 4
