"""Histograms of durations: small, mergeable, and never further from the truth than they say."""

from __future__ import annotations

from collections import Counter
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.store import histogram
from jobs.store.histogram import LANE_MAX, LANES, RATIO, VALUES, at_rest, packed, quantiles, total_of

SHARES = (0.5, 0.95, 0.99)
ERROR = (RATIO - 1) / (RATIO + 1) + 0.001  # and the rounding to 0.1
durations = st.lists(st.integers(0, 7 * 86_400_000), min_size=1, max_size=60)


def lane_of(value: int) -> int:
    """As lua/lib/histogram.lua has it: the first whose border is not below the value."""
    return next(lane for lane in range(LANES) if RATIO**lane >= value)


def histogram_of(values: list[int]) -> bytes:
    """The histogram of some durations."""
    return packed(Counter(map(lane_of, values)))


def true_quantile(values: list[int], share: float) -> int:
    """The value of nearest rank."""
    return sorted(values)[ceil(share * len(values)) - 1]


def test_it_errs_by_less_than_nine_percent() -> None:
    assert ERROR < 0.09
    for lane in range(1, LANES):
        low, high = RATIO ** (lane - 1), RATIO**lane
        assert abs(VALUES[lane] - low) / low < ERROR
        assert abs(VALUES[lane] - high) / high < ERROR


@given(durations)
def test_quantiles_are_those_of_the_values_within_the_error(values: list[int]) -> None:
    found = quantiles(total_of([histogram_of(values)]), SHARES)
    assert found is not None
    for share, estimate in zip(SHARES, found, strict=True):
        truth = true_quantile(values, share)
        assert abs(estimate - truth) <= max(1, ERROR * truth)


@given(st.lists(durations, min_size=1, max_size=6))
def test_merging_is_counting_all_at_once(parts: list[list[int]]) -> None:
    merged = at_rest(total_of(map(histogram_of, parts)))
    assert merged == histogram_of([value for part in parts for value in part])


def test_nothing_has_no_quantiles_and_takes_no_bytes() -> None:
    assert packed({}) == packed({3: 0}) == at_rest(total_of([b"", b""])) == b""
    assert quantiles(0, SHARES) is None


def test_only_the_lanes_between_the_lowest_and_the_highest_take_bytes() -> None:
    assert packed({7: 258, 9: 1}) == b"\x07" + b"\x02\x01\0\0" + bytes(4) + b"\x01\0\0\0"
    full = packed(dict.fromkeys(range(LANES), LANE_MAX))
    assert len(full) == 1 + 4 * LANES


def test_what_is_beyond_the_last_lane_counts_in_it_and_nonsense_counts_as_little() -> None:
    assert packed({500: 2, LANES: 1}) == packed({LANES - 1: 3})
    assert packed({-4: 2}) == packed({0: 2})
    assert packed({3: -5}) == b""
    assert packed({3: 2**70}) == packed({3: LANE_MAX})


@pytest.mark.parametrize(("counts", "expected"), [
    ({0: 1}, [1.0, 1.0, 1.0]),
    ({0: 50, 27: 45, 40: 5}, [1.0, 100.1, 960.4]),
    ({27: 98, 40: 2}, [100.1, 100.1, 960.4]),
])  # fmt: skip
def test_the_rank_is_the_nearest(counts: dict[int, int], expected: list[float]) -> None:
    assert quantiles(total_of([packed(counts)]), SHARES) == expected
    assert [VALUES[0], round(VALUES[27], 1), round(VALUES[40], 1)] == [1.0, 100.1, 960.4]


def test_a_week_of_full_histograms_merges_without_spilling_from_lane_to_lane() -> None:
    busy = packed(dict.fromkeys(range(LANES), 600_000))
    total = total_of([busy] * 1008)
    lanes = [(total >> histogram.LANE_BITS * lane) & LANE_MAX for lane in range(LANES)]
    assert lanes == [1008 * 600_000] * LANES


def test_the_share_within_a_time_counts_what_took_no_longer():
    total = histogram.total_of([histogram.packed({0: 6}), histogram.packed({50: 3, 60: 1})])
    shares = [histogram.share_within(total, limit) for limit in (1, histogram.VALUES[50], histogram.VALUES[60])]
    assert shares == [0.6, 0.9, 1.0]
    assert histogram.share_within(0, 10) is None
