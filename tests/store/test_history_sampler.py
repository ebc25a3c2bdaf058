"""What history is made from: counters of any number of queues, and what is there now."""

from __future__ import annotations

from jobs.store import histogram
from jobs.store.history_bucket import Gauges, HistoryBucket
from jobs.types import Priority
from tests.support.jobs import StoreKit, completed


def counted(kit: StoreKit, *fields: str | bytes | int) -> int:
    """Put fields into the hash of a ten-second bucket, and return its number."""
    kit.client.call("HSET", f"{kit.keys.series}7", *fields)
    return 7


def test_the_counters_of_many_queues_are_read_in_steps(kit: StoreKit) -> None:
    names = [f"q{number}" for number in range(1000)]
    for name in names:
        counted(kit, f"{name}|in", 2, f"{name}|completed", 1, f"{name}|ms", 30, f"{name}|w3", 1, f"{name}|p20", 1)
    by_queue, in_all = kit.store.sampler.counters(7)
    once = HistoryBucket(7, 2, 1, 0, 0, 30, histogram.packed({3: 1}), histogram.packed({20: 1}))
    assert by_queue == dict.fromkeys(names, once)
    assert in_all == HistoryBucket(
        7, 2000, 1000, 0, 0, 30_000, histogram.packed({3: 1000}), histogram.packed({20: 1000})
    )


def test_a_bucket_in_which_nothing_happened_has_no_counters(kit: StoreKit) -> None:
    assert kit.store.sampler.counters(7) == ({}, HistoryBucket(7))
    assert kit.store.sampler.counted([5, 6, 7]) == []
    counted(kit, "q|in", 1)
    assert kit.store.sampler.counted([5, 6, 7, 8]) == [7]


def test_foreign_fields_count_nothing(kit: StoreKit) -> None:
    number = counted(kit, "q|in", 1, "q|what", 3, "q|wx", 4, "q|completed", "many", b"\xff|in", 2, "nonsense", 5)
    by_queue, in_all = kit.store.sampler.counters(number)
    assert by_queue["q"] == HistoryBucket(7, 1)
    assert in_all.arrived == 3


def test_lanes_are_those_that_the_transitions_count_in(kit: StoreKit) -> None:
    durations = [0, 1, 2, 10, 100, 1000, 60_000, 86_400_000]
    worker = kit.worker()
    kit.enqueue_many(len(durations))
    claims = kit.claim(worker, len(durations))
    worker.complete([completed(claim, duration_ms=ms) for claim, ms in zip(claims, durations, strict=True)])
    _, in_all = kit.store.sampler.counters(kit.reader.now_ms() // 10_000)
    shares = [(2 * rank - 1) / (2 * len(durations)) for rank in range(1, len(durations) + 1)]
    found = histogram.quantiles(histogram.total_of([in_all.processing]), shares)
    assert found is not None
    assert all(abs(estimate - ms) <= max(1, 0.09 * ms) for estimate, ms in zip(found, durations, strict=True))


def test_the_oldest_of_a_queue_is_that_of_any_priority(kit: StoreKit) -> None:
    kit.enqueue(queue="mail", priority=Priority.LOW)
    kit.advance(60_000)
    kit.enqueue(queue="mail", priority=Priority.HIGH)
    names = [f"q{number}" for number in range(150)]
    by_queue, in_all = kit.store.sampler.gauges([*names, "mail"])
    assert 60_000 <= by_queue["mail"].oldest_ms == in_all.oldest_ms < 70_000
    assert (by_queue["mail"].high, by_queue["mail"].low) == (1, 1)
    assert {name: by_queue[name] for name in names} == dict.fromkeys(names, Gauges())


def test_a_head_that_cannot_be_read_has_no_age(kit: StoreKit) -> None:
    job_id = kit.enqueue()
    kit.client.call("HSET", kit.keys.metadata, job_id, b"\xc1nonsense")
    by_queue, _ = kit.store.sampler.gauges(["default"])
    assert by_queue["default"] == Gauges(normal=1)
