"""Order: FIFO inside a priority, weights between priorities and between queues, whatever the size of a claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
import pytest

from jobs.store.consumer import Consumer
from jobs.types import Claim, Priority
from tests.support.jobs import StoreKit, completed, failed, released, request

HIGH, NORMAL, LOW = Priority
SPLIT = {HIGH: 60, NORMAL: 30, LOW: 10}


def drain(kit: StoreKit, worker: Consumer, batch: int, most: int) -> list[Claim]:
    """Claim `most` jobs, `batch` a time."""
    claims: list[Claim] = []
    while len(claims) < most:
        got = kit.claim(worker, min(batch, most - len(claims)))
        assert got, f"only {len(claims)} of {most} came"
        claims += got
    return claims


def shares(claims: Sequence[Claim]) -> dict[Priority, int]:
    """Count claims by priority."""
    return Counter(claim.record.priority for claim in claims)


@pytest.mark.parametrize("size", [1, 250])
def test_fifo_is_exact_over_ten_thousand_jobs(kit: StoreKit, size: int) -> None:
    total = 10_000
    requests = [request(f"{number:05d}") for number in range(total)]
    calls = [requests[start : start + size] for start in range(0, total, size)]
    for call in calls:
        kit.producer.enqueue(call)
    claims = drain(kit, kit.worker(), 250, total)
    assert [claim.id for claim in claims] == [made.id for made in requests]


def test_single_and_bulk_enqueues_share_one_order(kit: StoreKit) -> None:
    ids = []
    for number in range(200):
        ids += [kit.enqueue()] if number % 3 else kit.enqueue_many(7)
    assert [claim.id for claim in drain(kit, kit.worker(), 17, len(ids))] == ids


def test_a_released_job_keeps_its_place_and_a_promoted_one_gets_a_new_one(kit: StoreKit) -> None:
    worker = kit.worker()
    late = kit.enqueue(delay_ms=5)
    first, second = kit.enqueue(), kit.enqueue()
    (claim,) = kit.claim(worker)
    worker.release([released(claim)])
    kit.advance(10)
    kit.promote()
    third = kit.enqueue()
    assert [claim.id for claim in kit.claim(worker, 10)] == [first, second, late, third]


@pytest.mark.parametrize("batch", [1, 3, 10, 100])
def test_any_hundred_consecutive_claims_split_by_weight(kit: StoreKit, batch: int) -> None:
    for priority in Priority:
        kit.enqueue_many(300, priority=priority)
    claims = drain(kit, kit.worker(), batch, 300)
    for start in range(201):
        for priority, count in shares(claims[start : start + 100]).items():
            assert abs(count - SPLIT[priority]) <= 2, (start, priority, count)


def test_weights_hold_between_workers_that_claim_one_job_each(kit: StoreKit) -> None:
    for priority in Priority:
        kit.enqueue_many(100, priority=priority)
    workers = [kit.worker() for _ in range(20)]
    claims = [claim for _ in range(5) for worker in workers for claim in kit.claim(worker)]
    assert all(abs(shares(claims)[priority] - SPLIT[priority]) <= 2 for priority in Priority)


def test_claims_are_work_conserving_when_a_priority_is_empty(kit: StoreKit) -> None:
    kit.enqueue_many(120, priority=NORMAL)
    kit.enqueue_many(40, priority=LOW)
    claims = drain(kit, kit.worker(), 1, 160)
    assert abs(shares(claims[:100])[NORMAL] - 75) <= 2
    assert shares(claims) == {NORMAL: 120, LOW: 40}


def test_an_idle_priority_saves_no_credit_up(kit: StoreKit) -> None:
    worker = kit.worker()
    kit.enqueue_many(400, priority=NORMAL)
    drain(kit, worker, 1, 200)
    kit.enqueue_many(200, priority=HIGH)
    assert abs(shares(drain(kit, worker, 1, 90))[HIGH] - 60) <= 2


def test_weight_zero_waits_until_the_others_are_empty(kit: StoreKit) -> None:
    worker = kit.worker(limits=msgspec.structs.replace(kit.limits, weights=(1, 1, 0)))
    kit.enqueue_many(5, priority=LOW)
    kit.enqueue_many(5, priority=HIGH)
    kit.enqueue_many(5, priority=NORMAL)
    claims = drain(kit, worker, 1, 15)
    assert [claim.record.priority for claim in claims[10:]] == [LOW] * 5


@pytest.mark.parametrize("batch", [1, 7])
def test_queues_split_by_their_weights(kit: StoreKit, batch: int) -> None:
    kit.enqueue_many(300, queue="a")
    kit.enqueue_many(300, queue="b")
    worker = kit.worker()
    claims: list[Claim] = []
    while len(claims) < 196:
        claims += worker.claim([("a", 3), ("b", 1)], batch)
    assert Counter(claim.record.queue for claim in claims) == {"a": 147, "b": 49}


def test_a_queue_that_filled_late_does_not_shut_the_others_out(kit: StoreKit) -> None:
    for name in "ab":
        kit.enqueue_many(400, queue=name)
    worker = kit.worker()
    queues = [("a", 1), ("b", 1), ("c", 1)]
    for _ in range(300):
        worker.claim(queues, 1)
    kit.enqueue_many(100, queue="c")
    claims = [worker.claim(queues, 1)[0].record.queue for _ in range(60)]
    assert all(abs(count - 20) <= 2 for count in Counter(claims).values()), Counter(claims)


def test_a_claim_takes_at_most_two_mebibytes_but_always_one_job(kit: StoreKit) -> None:
    big = b'"' + b"x" * (1 << 20) + b'"'
    ids = [kit.enqueue(payload=big) for _ in range(3)]
    small = kit.enqueue()
    worker = kit.worker()
    assert [[claim.id for claim in kit.claim(worker, 10)] for _ in range(4)] == [
        [ids[0]],
        [ids[1]],
        [ids[2], small],
        [],
    ]


def test_jobs_too_big_for_a_claim_do_not_cost_their_priority_its_turn(kit: StoreKit) -> None:
    big = b'"' + b"x" * (1 << 20) + b'"'
    for priority in Priority:
        for _ in range(10):
            kit.enqueue(payload=big, priority=priority)
    worker = kit.worker()
    claims = [claim for _ in range(10) for claim in kit.claim(worker, 10)]
    assert shares(claims) == {HIGH: 6, NORMAL: 3, LOW: 1}


def test_a_claim_takes_at_most_250_jobs(kit: StoreKit) -> None:
    kit.enqueue_many(300)
    assert len(kit.claim(kit.worker(), 10_000)) == 250


def test_a_claim_spends_the_attempt_and_hands_out_a_token_never_used_before(kit: StoreKit) -> None:
    worker = kit.worker()
    tokens = []
    job_id = kit.enqueue(max_retries=5)
    for attempt in range(1, 4):
        (claim,) = kit.claim(worker)
        assert (claim.record.attempts, claim.record.executions) == (attempt, attempt)
        assert claim.record == kit.record(job_id)
        tokens.append(claim.token)
        worker.fail([failed(claim)])
        kit.operator.run_now([job_id])
    assert len(set(tokens)) == 3


def test_what_was_claimed_is_what_was_enqueued(kit: StoreKit) -> None:
    made = request(payload=b"[130775545883395173, 1.0, {}]", priority=LOW, queue="mail", max_retries=7)
    kit.producer.enqueue([made])
    worker = kit.worker()
    (claim,) = kit.claim(worker, queue="mail")
    assert claim.envelope == made.envelope
    assert (claim.record.type, claim.record.queue, claim.record.priority, claim.record.max_retries) == (
        "echo", "mail", LOW, 7,
    )  # fmt: skip
    worker.complete([completed(claim, b"[1.0]")])
    assert kit.reader.job(made.id).result == b"[1.0]"
