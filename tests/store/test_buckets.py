"""Token buckets: what may be taken, when they refill, and what they leave behind."""

from __future__ import annotations

import pytest

from jobs.store.buckets import Bucket, Taken
from tests.support.jobs import StoreKit

SLOW = Bucket("slow", 5, 1.0)


def key_of(kit: StoreKit, bucket: Bucket) -> str:
    return kit.keys.bucket(bucket.name)


def empty(kit: StoreKit, bucket: Bucket) -> None:
    assert kit.store.buckets.take(bucket, bucket.capacity).allowed


def test_a_new_bucket_is_full(kit: StoreKit) -> None:
    taken = kit.store.buckets.take(SLOW, 2)
    assert (taken.allowed, taken.remaining, taken.retry_after_ms) == (True, 3, 0)
    assert 1900 < taken.full_in_ms <= 2000


def test_it_gives_what_it_has_and_then_says_when_to_come_again(kit: StoreKit) -> None:
    answers = [kit.store.buckets.take(SLOW) for _ in range(6)]
    assert [answer.allowed for answer in answers] == [True] * 5 + [False]
    assert [answer.remaining for answer in answers] == [4, 3, 2, 1, 0, 0]
    assert 500 < answers[-1].retry_after_ms <= 1000


def test_after_the_time_it_named_it_gives_again(kit: StoreKit) -> None:
    empty(kit, SLOW)
    refused = kit.store.buckets.take(SLOW, 3)
    kit.advance(refused.retry_after_ms)
    assert kit.store.buckets.take(SLOW, 3).allowed
    assert not kit.store.buckets.take(SLOW, 3).allowed


def test_a_refusal_takes_nothing(kit: StoreKit) -> None:
    kit.store.buckets.take(SLOW, 3)
    for _ in range(10):
        assert not kit.store.buckets.take(SLOW, 3).allowed
    assert kit.store.buckets.take(SLOW, 2).allowed


def test_it_never_holds_more_than_its_capacity(kit: StoreKit) -> None:
    empty(kit, SLOW)
    kit.advance(3_600_000)
    assert kit.store.buckets.take(SLOW, 0).remaining == 5
    assert kit.store.buckets.take(SLOW, -100).remaining == 5


def test_tokens_can_be_given_back(kit: StoreKit) -> None:
    empty(kit, SLOW)
    assert kit.store.buckets.take(SLOW, -1).allowed
    assert kit.store.buckets.take(SLOW).allowed
    assert not kit.store.buckets.take(SLOW).allowed


def test_a_cost_above_the_capacity_needs_a_full_bucket(kit: StoreKit) -> None:
    kit.store.buckets.take(SLOW)
    assert not kit.store.buckets.take(SLOW, 500).allowed
    kit.advance(1000)
    assert kit.store.buckets.take(SLOW, 500).allowed
    assert kit.store.buckets.take(SLOW, 0).remaining == 0


def test_a_full_bucket_has_no_key_and_one_in_use_lives_until_it_is_full(kit: StoreKit) -> None:
    kit.store.buckets.take(SLOW, 0)
    assert kit.client.call("EXISTS", key_of(kit, SLOW)) == 0
    kit.store.buckets.take(SLOW, 4)
    assert 3500 < kit.client.call("PTTL", key_of(kit, SLOW)) <= 4000
    kit.store.buckets.take(SLOW, -4)
    assert kit.client.call("EXISTS", key_of(kit, SLOW)) == 0


def test_buckets_do_not_know_each_other(kit: StoreKit) -> None:
    other = Bucket("other", 1, 1.0)
    empty(kit, other)
    assert [kit.store.buckets.take(bucket).allowed for bucket in (SLOW, other)] == [True, False]


def test_many_tokens_a_second_are_counted_exactly(kit: StoreKit) -> None:
    fast = Bucket("fast", 2000, 500.0)
    empty(kit, fast)
    kit.advance(1000)
    granted = sum(kit.store.buckets.take(fast, 100).allowed for _ in range(10))
    assert granted in {5, 6}, "500 a second, and one more hundred where the machine was slow"


def test_a_few_tokens_an_hour_are_possible(kit: StoreKit) -> None:
    rare = Bucket("rare", 3, 3 / 3600)
    empty(kit, rare)
    refused = kit.store.buckets.take(rare)
    assert 1_190_000 < refused.retry_after_ms <= 1_200_000


def test_a_changed_limit_counts_at_once(kit: StoreKit) -> None:
    empty(kit, SLOW)
    assert not kit.store.buckets.take(SLOW).allowed
    assert kit.store.buckets.take(Bucket("slow", 100, 1.0)).allowed


def test_a_clock_that_was_set_back_bars_nobody_for_longer_than_an_empty_bucket(kit: StoreKit) -> None:
    kit.advance(3_600_000)
    empty(kit, SLOW)
    kit.advance(-3_600_000)
    assert kit.store.buckets.take(SLOW).retry_after_ms <= 1000


@pytest.mark.parametrize("bytes_", [b"nonsense", b"", b"\xc1"])
def test_foreign_bytes_are_a_full_bucket(kit: StoreKit, bytes_: bytes) -> None:
    kit.client.call("SET", key_of(kit, SLOW), bytes_)
    assert kit.store.buckets.take(SLOW) == Taken(True, 4, 0, 1000)


def test_a_full_server_still_limits(kit: StoreKit) -> None:
    kit.client.call("CONFIG", "SET", "maxmemory", "1")
    try:
        assert kit.store.buckets.take(SLOW).allowed
    finally:
        kit.client.call("CONFIG", "SET", "maxmemory", "0")
