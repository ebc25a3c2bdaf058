"""Deaths an hour by error group: counted once a minute, and again as soon as the group is another."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from jobs.store import trends
from jobs.types import Failure
from tests.support.jobs import StoreKit, failed


@pytest.fixture
def counted(kit: StoreKit, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is counted from now on, which is the beginning of a minute, by the first letter of a fingerprint."""
    kit.advance(trends.EDGE_MS - kit.store.reader.now_ms() % trends.EDGE_MS + 1000)
    letters: list[str] = []
    count = kit.store.trends._counted

    def counting(fingerprints: Sequence[str], end_ms: int) -> list[list[int]]:
        letters.extend(fingerprint[0] for fingerprint in fingerprints)
        return count(fingerprints, end_ms)

    monkeypatch.setattr(kit.store.trends, "_counted", counting)
    return letters


def die(kit: StoreKit, letters: str) -> list[str]:
    worker = kit.worker()
    claims = [kit.claimed(worker) for _ in letters]
    pairs = zip(claims, letters, strict=True)
    worker.fail([failed(claim, Failure("ValueError", "boom", "", letter * 16), final=True) for claim, letter in pairs])
    return [claim.id for claim in claims]


def latest(kit: StoreKit) -> dict[str, int]:
    groups = kit.store.reader.groups()
    return {each[0]: deaths[-1] for each, deaths in zip(groups, kit.store.trends.of(groups), strict=True)}


def test_more_groups_than_a_script_counts_are_counted_each_by_itself(kit: StoreKit, counted: list[str]):
    assert kit.store.trends.of({}) == []
    die(kit, "0123456789abcab")
    assert latest(kit) == dict.fromkeys("0123456789c", 1) | dict.fromkeys("ab", 2)
    assert sorted(counted) == list("0123456789abc")


def test_a_group_is_counted_again_when_it_is_another_or_a_minute_is_over(kit: StoreKit, counted: list[str]):
    first, _ = die(kit, "ab")
    assert latest(kit) == latest(kit) == {"a": 1, "b": 1}
    kit.advance(1)
    die(kit, "a")
    assert latest(kit) == {"a": 2, "b": 1}
    kit.store.operator.retry([first])
    assert latest(kit) == {"a": 1, "b": 1}
    assert sorted(counted) == ["a", "a", "a", "b"]
    kit.advance(trends.EDGE_MS)
    assert latest(kit) == {"a": 1, "b": 1}
    assert sorted(counted) == ["a", "a", "a", "a", "b", "b"]


def test_no_more_trends_are_kept_than_fit(kit: StoreKit, counted: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trends, "MOST_KEPT", 2)
    die(kit, "abc")
    assert latest(kit) == latest(kit) == {"a": 1, "b": 1, "c": 1}
    assert len(counted) > 3


def test_deaths_lie_in_the_hours_in_which_they_were(kit: StoreKit, counted: list[str]):
    die(kit, "aa")
    kit.advance(trends.STEP_MS * 23)
    die(kit, "a")
    [deaths] = kit.store.trends.of(kit.store.reader.groups())
    assert deaths == [2] + [0] * 22 + [1]
    kit.advance(trends.STEP_MS)
    [deaths] = kit.store.trends.of(kit.store.reader.groups())
    assert deaths == [0] * 22 + [1, 0]
