"""What is run and what was missed, against a plain rule on all ticks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import cron
from schedules.counting import count_ticks
from schedules.due import GRACE_MS, MOST_CAUGHT_UP, Rule, due

from .test_cron import DAY, MINUTE, ZONES, expressions, starts

NOON = round(datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp() * 1000)
YEAR = 365 * DAY


def expected(missed: str, ticks: list[int], now: int) -> list[int]:
    """The ticks that are run, by the words of the documentation."""
    in_time = [tick for tick in ticks if now - tick <= GRACE_MS]
    late = [tick for tick in ticks if now - tick > GRACE_MS]
    if missed == "all":
        return late[-MOST_CAUGHT_UP:] + in_time
    if missed == "last" and not in_time:
        return late[-1:]
    return in_time


@settings(deadline=None, max_examples=200)
@given(
    st.one_of(expressions, st.just("*/5 * * * * *"), st.just("* * * * *")),
    st.sampled_from(ZONES), st.sampled_from(["skip", "last", "all"]), starts,
    st.one_of(st.integers(-3_600_000, 0), st.integers(0, 20_000), st.integers(0, 6 * 3_600_000)),
)  # fmt: skip
def test_what_is_due_is_what_the_rule_says_of_all_ticks(expression, zone, missed, after, length):
    now = after + length
    ticks = cron.ticks_after(expression, zone, after, until_ms=now)
    found = due(Rule(expression, zone, missed, after), now)
    run = expected(missed, ticks, now)
    left = [tick for tick in ticks if tick not in run]
    assert (found.ticks, found.missed) == (run, len(left))
    assert found.missed_ms == (left[-1] if left else None)
    assert found.decided_ms == (ticks[-1] if ticks else None)
    assert found.next_ms == cron.next_tick(expression, zone, max(after, now))


@settings(deadline=None, max_examples=100)
@given(
    expressions, st.sampled_from(ZONES), starts, st.lists(st.integers(1, 40 * MINUTE), min_size=1, max_size=12),
    st.sampled_from(["skip", "last", "all"]),
)  # fmt: skip
def test_looks_at_any_times_run_no_tick_twice_and_lose_none(expression, zone, start, steps, missed):
    now, after, gone = start, start, 0
    run: list[int] = []
    for step in steps:
        now += step
        found = due(Rule(expression, zone, missed, after), now)
        run, gone = run + found.ticks, gone + found.missed
        after = found.decided_ms or after
    ticks = cron.ticks_after(expression, zone, start, until_ms=now)
    assert run == sorted(set(run))
    assert set(run) <= set(ticks)
    assert len(run) + gone == len(ticks)


def test_a_tick_that_is_a_little_late_was_not_missed():
    for missed in ("skip", "last", "all"):
        rule = Rule("0 * * * *", "UTC", missed, NOON - MINUTE)
        assert due(rule, NOON + GRACE_MS).ticks == [NOON]
    assert due(Rule("0 * * * *", "UTC", "skip", NOON - MINUTE), NOON + GRACE_MS + 1).ticks == []


def test_the_latest_of_those_missed_runs_once():
    found = due(Rule("0 * * * *", "UTC", "last", NOON - 5 * 60 * MINUTE), NOON + 30 * MINUTE)
    assert (found.ticks, found.missed, found.missed_ms) == ([NOON], 4, NOON - 60 * MINUTE)


def test_nothing_runs_for_those_missed_where_another_tick_is_just_due():
    found = due(Rule("0 * * * *", "UTC", "last", NOON - 5 * 60 * MINUTE), NOON + 1000)
    assert (found.ticks, found.missed) == ([NOON], 4)


@pytest.mark.parametrize(("missed", "run"), [("skip", 1), ("last", 1), ("all", 101)])
def test_years_without_a_scheduler_are_decided_on_at_once_and_counted(missed, run):
    found = due(Rule("* * * * *", "Europe/Berlin", missed, NOON - 3 * YEAR), NOON)
    minutes = timedelta(milliseconds=3 * YEAR) // timedelta(minutes=1)
    assert (len(found.ticks), found.missed) == (run, minutes - run)
    assert (found.ticks[-1], found.decided_ms, found.next_ms) == (NOON, NOON, NOON + MINUTE)


def test_days_without_a_scheduler_cost_no_look_at_each_of_their_seconds():
    began = thread_time()
    for hours in range(30, 40):
        found = due(Rule("* * * * * *", "Europe/Berlin", "last", NOON - hours * 60 * MINUTE), NOON)
        assert found.missed == hours * 3600 - len(found.ticks)
    assert (thread_time() - began) / 10 < 0.1


@settings(deadline=None, max_examples=100)
@given(expressions, st.sampled_from(ZONES), starts, st.integers(0, 4 * DAY))
def test_ticks_are_counted_without_a_look_at_each(expression, zone, after, length):
    ticks = cron.ticks_after(expression, zone, after, until_ms=after + length)
    assert count_ticks(expression, zone, after, after + length) == len(ticks)


def test_a_clock_that_was_put_back_makes_nothing_due():
    rule = Rule("* * * * *", "UTC", "all", NOON)
    found = due(rule, NOON - 2 * 60 * MINUTE)
    assert (found.ticks, found.missed, found.decided_ms, found.next_ms) == ([], 0, None, NOON + MINUTE)
