"""The history of pools in the store: a place for each minute, written once, in bounded memory."""

from __future__ import annotations

import pytest

from jobs.store.fencing import NotLeading
from jobs.store.pool_history import MINUTES_A_DAY
from jobs.store.pool_minute import SIZE, Minute, packed, shares
from tests.support.jobs import DUTY, StoreKit

DAY = 86_400
START = 20_000 * DAY
FULL = Minute(
    start=START, seconds=60, looks=12, arrived=1200, shares=(255, 0, 0, 85, 85, 85), completed=1100, failed=3,
    busy_seconds=2200.5, depth=7.25, depth_max=40, active=9.5, latency=0.25, latency_max=1.5, workers=4.5, slots=5,
    desired=6,
)  # fmt: skip


def keep(kit: StoreKit, start: int, arrived: int = 0) -> bool:
    """Keep a minute of the pool `p` as a leader does."""
    return kit.store.pool_history.keep(DUTY, kit.lead(), "p", Minute(start=start, looks=1, arrived=arrived))


def starts(kit: StoreKit, since: float, until: float) -> list[int]:
    """The minutes that are read."""
    return [minute.start for minute in kit.store.pool_history.minutes("p", since, until)]


def test_a_minute_is_read_as_it_was_kept(kit: StoreKit) -> None:
    assert kit.store.pool_history.keep(DUTY, kit.lead(), "p", FULL)
    assert kit.store.pool_history.minutes("p", START, START + 60) == [FULL]
    assert kit.store.pool_history.minutes("another", START, START + 60) == []


def test_it_is_known_in_which_ten_seconds_jobs_came() -> None:
    assert shares([6, 0, 0, 0, 0, 2]) == (191, 0, 0, 0, 0, 64)
    assert list(FULL.tens) == [600, 0, 0, 200, 200, 200]
    assert Minute(start=START, arrived=12, seconds=31).tens[3] == 3
    assert sum(Minute(start=START).tens) == 0


def test_what_was_kept_first_stays(kit: StoreKit) -> None:
    assert (keep(kit, START, arrived=3), keep(kit, START, arrived=4)) == (True, False)
    assert [minute.arrived for minute in kit.store.pool_history.minutes("p", START, START + 60)] == [3]


def test_gaps_stay_gaps_and_days_follow_each_other(kit: StoreKit) -> None:
    for start in (START - 60, START, START + 180, START + DAY):
        assert keep(kit, start)
    assert starts(kit, START - DAY, START + 2 * DAY) == [START - 60, START, START + 180, START + DAY]
    assert starts(kit, START - 60, START + 180) == [START - 60, START]
    assert starts(kit, START - 59, START + 181) == [START, START + 180]
    assert starts(kit, START + 240, START + 240) == []


def test_who_leads_no_more_keeps_nothing(kit: StoreKit) -> None:
    kit.lead()
    with pytest.raises(NotLeading):
        kit.store.pool_history.keep(DUTY, "somebody:1", "p", FULL)
    assert starts(kit, START, START + DAY) == []


def test_thirty_one_days_take_two_mebibytes_at_most_and_each_goes_after_thirty(kit: StoreKit) -> None:
    for minute in (0, 700, 1439):
        assert keep(kit, START + 60 * minute)
    key = kit.keys.pool_day("p", 20_000)
    assert kit.client.call("STRLEN", key) == MINUTES_A_DAY * SIZE
    assert 31 * kit.client.call("MEMORY", "USAGE", key) <= 2 * 2**20  # also where an allocator rounds up
    assert 29.99 * DAY * 1000 < kit.client.call("PTTL", key) <= 30 * DAY * 1000


def test_figures_without_room_are_the_largest_that_have(kit: StoreKit) -> None:
    huge = Minute(start=START, looks=10**6, arrived=10**12, busy_seconds=1e300, workers=1e9, slots=10**6, desired=10**6)
    assert kit.store.pool_history.keep(DUTY, kit.lead(), "p", huge)
    (kept,) = kit.store.pool_history.minutes("p", START, START + 60)
    assert (kept.looks, kept.arrived, kept.slots, kept.desired) == (255, 2**32 - 1, 65535, 65534)
    assert [kept.workers, kept.busy_seconds] == pytest.approx([65_000, 3e38], rel=1e-3)


def test_foreign_bytes_cost_their_minutes(kit: StoreKit) -> None:
    key = kit.keys.pool_day("p", 20_000)
    kit.client.call("SET", key, b"\xff" * SIZE + packed(FULL) + b"\x01\x02")
    assert starts(kit, START, START + DAY) == [START + 60]
    assert not keep(kit, START)
    assert keep(kit, START + 600)
