"""Guessing is slow: by address and by name, while the store answers and while it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs.access import throttle as limits
from jobs.access.local_buckets import LocalBuckets
from jobs.access.throttle import LoginThrottle, bar, network_of, wrong_key_seen
from jobs.errors import StoreUnavailable
from jobs.store.buckets import Bucket
from tests.support.jobs import StoreKit, store_kit


@pytest.fixture
def kit(store_url, config):
    """Give a kit on an empty server."""
    with store_kit(store_url, config) as made:
        yield made


@pytest.fixture(autouse=True)
def fresh():
    """Let no test see the wrong keys of another."""
    limits._wrong_keys.cache_clear()


@pytest.fixture(params=["store", "process"])
def throttle(request, kit: StoreKit):
    """Give a throttle that counts in the store, and one whose store is away."""
    if request.param == "store":
        return LoginThrottle(kit.store.buckets.take)

    def away(bucket, cost):
        raise StoreUnavailable("away", "connection")

    return LoginThrottle(away)


ADDRESS_BURST, NAME_BURST = limits.LOGINS_OF_AN_ADDRESS[0], limits.LOGINS_OF_A_NAME[0]


def test_an_address_may_guess_so_often_whatever_the_names(throttle):
    waits = [throttle.wait("192.0.2.1", f"name{number}").seconds for number in range(ADDRESS_BURST + 1)]
    assert waits[:-1] == [0] * ADDRESS_BURST
    assert 1 <= waits[-1] <= limits.LOGINS_OF_AN_ADDRESS[1]
    assert throttle.wait("192.0.2.2", "name1").seconds == 0


def test_a_name_may_be_guessed_at_so_often_whatever_the_addresses(throttle):
    waits = [throttle.wait(f"192.0.2.{number}", "ada").seconds for number in range(NAME_BURST + 1)]
    assert waits[:-1] == [0] * NAME_BURST
    assert 1 <= waits[-1] <= limits.LOGINS_OF_A_NAME[1]
    assert throttle.wait("192.0.2.200", "grace").seconds == 0


@pytest.mark.parametrize("other", ["ADA", " ada ", "Ada", "ａｄａ"])
def test_names_that_are_written_differently_are_one(throttle, other):
    for number in range(NAME_BURST):
        throttle.wait(f"192.0.2.{number}", "ada")
    assert throttle.wait("192.0.2.200", other).seconds > 0


def test_an_address_that_is_refused_does_not_lock_a_name(throttle):
    for number in range(ADDRESS_BURST):
        throttle.wait("192.0.2.1", f"name{number}")
    for _ in range(50):
        assert throttle.wait("192.0.2.1", "ada").seconds > 0
    assert throttle.wait("192.0.2.2", "ada").seconds == 0


def test_who_knows_the_password_is_never_refused(throttle):
    for _ in range(100):
        assert throttle.wait("192.0.2.1", "ada").seconds == 0
        throttle.forgive("192.0.2.1", "ada")


def test_an_own_login_does_not_pay_for_guesses(throttle):
    waits: list[int] = []
    for _ in range(ADDRESS_BURST + 1):
        waits.append(throttle.wait("192.0.2.1", f"victim{len(waits)}").seconds)
        if not throttle.wait("192.0.2.1", "mallory").seconds:
            throttle.forgive("192.0.2.1", "mallory")
    assert waits[-1] > 0


def test_all_processes_count_together(kit: StoreKit, config):
    with store_kit(str(kit.store.config.redis_url), replace(config, prefix=kit.keys.prefix)) as other:
        both = [LoginThrottle(each.store.buckets.take) for each in (kit, other)]
        waits = [both[number % 2].wait("192.0.2.1", f"n{number}").seconds for number in range(ADDRESS_BURST + 1)]
    assert waits[-1] > 0


def test_no_user_name_is_a_key_of_the_store(kit: StoreKit):
    LoginThrottle(kit.store.buckets.take).wait("192.0.2.1", "ada-lovelace\r\n\x00 x" * 1000)
    keys = kit.client.call("KEYS", "*login*")
    assert len(keys) == 2
    assert all(b"ada" not in key and len(key) < 100 for key in keys)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("", "", True),
    ],
)
def test_a_place_is_an_address_or_a_network_of_one_house(one, other, alike):
    assert (network_of(one) == network_of(other)) is alike


def test_an_address_with_many_wrong_keys_is_barred_for_a_while():
    burst, seconds = limits.WRONG_KEYS_OF_AN_ADDRESS
    for _ in range(burst - 1):
        wrong_key_seen("192.0.2.1")
        assert bar("192.0.2.1").seconds == 0
    wrong_key_seen("192.0.2.1")
    assert 1 <= bar("192.0.2.1").seconds <= seconds
    assert bar("192.0.2.2").seconds == 0


def test_a_local_bucket_refills(clock):
    buckets, bucket = LocalBuckets(), Bucket("b", 3, 2.0)
    assert [buckets.take(bucket).allowed for _ in range(4)] == [True] * 3 + [False]
    assert buckets.take(bucket, 0).retry_after_ms == 0
    assert buckets.take(bucket).retry_after_ms == 500
    clock.now += 0.5
    assert [buckets.take(bucket).allowed for _ in range(2)] == [True, False]
    clock.now += 3600
    assert buckets.take(bucket, 0) == buckets.take(Bucket("new", 3, 2.0), 0)


@pytest.fixture
def clock(monkeypatch):
    """Give a monotonic clock that only the test moves."""

    class Clock:
        now = 1000.0

    monkeypatch.setattr("jobs.access.local_buckets.time.monotonic", lambda: Clock.now)
    return Clock


def test_local_buckets_forget_those_that_were_not_used_for_longest():
    buckets = LocalBuckets(most=3)
    for name in ("a", "b", "c", "a", "d"):
        buckets.take(Bucket(name, 1, 0.001))
    assert not buckets.take(Bucket("d", 1, 0.001)).allowed
    assert buckets.take(Bucket("b", 1, 0.001)).allowed


@pytest.mark.parametrize("cost", [1, 2, 3, 100, 0, -1])
@pytest.mark.parametrize("spent", [0, 2, 3])
def test_local_buckets_answer_as_the_store_does(kit: StoreKit, cost, spent):
    bucket, local = Bucket("same", 3, 0.5), LocalBuckets()
    answers = []
    for take in (kit.store.buckets.take, local.take):
        take(bucket, spent)
        answers.append(take(bucket, cost))
    one, other = answers
    assert (one.allowed, one.remaining) == (other.allowed, other.remaining)
    assert abs(one.retry_after_ms - other.retry_after_ms) < 500
    assert abs(one.full_in_ms - other.full_in_ms) < 500
