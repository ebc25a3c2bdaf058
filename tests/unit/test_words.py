"""Figures and times as people read them."""

from __future__ import annotations

import pytest

from jobs import words
from jobs.clock import isoformat

NOW = 1_800_000_000_000


@pytest.mark.parametrize(
    ("ago_ms", "text"),
    [
        (0, "now"),
        (999, "now"),
        (-999, "now"),
        (1000, "1 s ago"),
        (59_999, "59 s ago"),
        (60_000, "1 min ago"),
        (3_599_999, "59 min ago"),
        (7_200_000, "2 h ago"),
        (86_400_000 * 730, "730 d ago"),
        (86_400_000 * 731, "2 years ago"),
        (-86_400_000 * 2_900_000, "in 7,939 years"),
        (-1000, "in 1 s"),
        (-90_000, "in 1 min"),
    ],
)
def test_times_are_told_beside_now(ago_ms, text):
    assert words.when(isoformat(NOW - ago_ms), NOW) == text


def test_no_time_is_no_text():
    assert [words.when(None, NOW), words.exactly(None), words.lasting(None), words.figure(None)] == [""] * 4


def test_an_exact_time_is_easy_to_read():
    assert words.exactly("2027-01-15T08:00:01.250Z") == "2027-01-15 08:00:01 UTC"


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "0 ms"), (999, "999 ms"), (1000, "1.0 s"), (9_999, "10.0 s"), (10_000, "10 s"), (90_000, "1 min")],
)
def test_durations_have_one_unit(milliseconds, text):
    assert words.lasting(milliseconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 KiB"), (10_240, "10 KiB"), (3_500_000, "3.3 MiB"), (2**40, "1024 GiB")],
)
def test_sizes_have_one_unit(count, text):
    assert words.size(count) == text


def test_counts_with_little_room_are_whole_thousands_from_ten_thousand_on():
    assert [words.brief(count) for count in (None, 0, 9999, 10_000, 25_999, 1_250_000)] == [
        "", "0", "9,999", "10k", "25k", "1,250k",
    ]  # fmt: skip


def test_rates_and_counts():
    assert [words.rate(each) for each in (0, 0.01, 3.21, 1240.4)] == ["0/s", "<0.1/s", "3.2/s", "1,240/s"]
    assert [words.several(count, "job") for count in (0, 1, 1200)] == ["0 jobs", "1 job", "1,200 jobs"]
