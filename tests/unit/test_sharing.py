"""The supervisors of a pool agree on who runs how many workers without talking to each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.sharing import share, shares

POOLS = st.dictionaries(st.text(min_size=1, max_size=4), st.integers(0, 30), max_size=6)


@pytest.mark.parametrize(
    ("desired", "supervisors", "expected"),
    [
        (7, [("a", 10), ("b", 10), ("c", 10)], {"a": 3, "b": 2, "c": 2}),
        (2, [("a", 10), ("b", 10), ("c", 10)], {"a": 1, "b": 1, "c": 0}),
        (9, [("a", 1), ("b", 10), ("c", 10)], {"a": 1, "b": 5, "c": 3}),
        (9, [("a", 10), ("b", 10), ("c", 1)], {"a": 5, "b": 3, "c": 1}),
        (9, [("a", 2), ("b", 2)], {"a": 2, "b": 2}),
        (0, [("a", 5)], {"a": 0}),
        (-1, [("a", 5)], {"a": 0}),
    ],
)
def test_each_takes_its_part_and_surplus_goes_on(desired, supervisors, expected):
    assert shares(desired, supervisors) == expected


def test_the_order_of_the_list_does_not_matter():
    assert shares(5, [("b", 9), ("a", 9)]) == shares(5, [("a", 9), ("b", 9)]) == {"a": 3, "b": 2}


def test_a_supervisor_that_is_not_on_the_list_runs_nothing():
    assert share(5, [("a", 9)], "z") == 0
    assert share(5, [], "z") == 0


@given(st.integers(0, 200), POOLS)
def test_all_that_fits_is_shared_out_and_nobody_exceeds_its_most(desired, pool):
    taken = shares(desired, pool.items())
    assert sum(taken.values()) == min(desired, sum(pool.values()))
    assert all(0 <= taken[name] <= most for name, most in pool.items())


@given(st.integers(0, 200), POOLS)
def test_without_caps_in_the_way_shares_differ_by_one_at_most(desired, pool):
    taken = shares(desired, [(name, desired) for name in pool])
    assert not taken or max(taken.values()) - min(taken.values()) <= 1
