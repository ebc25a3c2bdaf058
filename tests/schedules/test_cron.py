"""When cron expressions are due: against a walk from minute to minute, and on the days when clocks are moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import cron
from schedules.counting import count_ticks, latest_ticks

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
ZONES = ("UTC", BERLIN, NEW_YORK, LORD_HOWE, "Asia/Kathmandu", "America/Havana", "Africa/Cairo")
MINUTE = 60_000
DAY = 86_400_000


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def shown(zone: str, ticks: list[int]) -> list[str]:
    """What clocks show at ticks, and the offset."""
    return [f"{datetime.fromtimestamp(tick / 1000, ZoneInfo(zone)):%d %H:%M:%S%z}" for tick in ticks]


def day_of(zone: str, expression: str, day: str) -> list[str]:
    """The ticks of one day of a zone."""
    begin = cron.midnight(zone, datetime.fromisoformat(day).date()) - 1
    end = cron.midnight(zone, datetime.fromisoformat(day).date() + timedelta(days=1)) - 1
    return shown(zone, cron.ticks_after(expression, zone, begin, until_ms=end))


field = st.lists(
    st.sampled_from(["*", "*/2", "*/7", "0", "1", "2", "3", "0-3", "1,2", "30", "15,45"]), min_size=1, max_size=2
).map(",".join)
hours = st.sampled_from(["*", "*/2", "0", "1", "2", "3", "0-3", "1,2", "22-23", "*/5", "12"])
expressions = st.tuples(
    field, hours, st.sampled_from(["*", "1-7", "25-31", "L"]), st.just("*"), st.sampled_from(["*", "SUN", "SAT,MON"])
).map(" ".join)
# Around the days on which clocks are moved, where all that is difficult happens.
edges = st.sampled_from(
    ["2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04", "2026-04-24", "2026-10-30"]
)
starts = st.tuples(edges, st.integers(-2 * DAY, DAY)).map(lambda each: ms(f"{each[0]}T00:00:00+00:00") + each[1])


def walked(expression: str, zone: str, after_ms: int, until_ms: int) -> list[int]:
    """The ticks by a walk from minute to minute, along what is documented."""
    fields = CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC))
    is_rhythm = any(part.startswith("*") for part in expression.split()[:2])
    first = (after_ms // MINUTE - 180) * MINUTE  # so early that a time shown for the second time is known
    latest, found = wall_of(zone, first), []
    for instant in range(first + MINUTE, until_ms + 1, MINUTE):
        wall = wall_of(zone, instant)
        new = [wall] if is_rhythm else walls_between(latest, wall)
        latest = max(latest, wall)
        if instant > after_ms and any(matches(fields, each) for each in new):
            found.append(instant)
    return found


def wall_of(zone: str, instant: int) -> datetime:
    return datetime.fromtimestamp(instant / 1000, ZoneInfo(zone)).replace(fold=0, tzinfo=None)


def walls_between(latest: datetime, wall: datetime) -> list[datetime]:
    """The times after the latest one up to this one: several where clocks were put forward, none where back."""
    steps = int((wall - latest).total_seconds() // 60)
    return [latest + timedelta(minutes=step) for step in range(1, steps + 1)]


def matches(fields: CronSim, wall: datetime) -> bool:
    return (
        wall.minute in fields.minutes
        and wall.hour in fields.hours
        and wall.month in fields.months
        and fields.match_day(wall.date())
    )


@settings(deadline=None, max_examples=150)
@given(expressions, st.sampled_from(ZONES), starts, st.integers(1, 3 * 1440))
def test_ticks_are_those_that_a_walk_from_minute_to_minute_finds(expression, zone, start, minutes):
    until = start + minutes * MINUTE
    assert cron.ticks_after(expression, zone, start, until_ms=until) == walked(expression, zone, start, until)


@settings(deadline=None, max_examples=100)
@given(expressions, st.sampled_from(ZONES), starts, st.integers(1, 20 * 1440 * 60_000))
def test_ticks_are_counted_without_a_look_at_each(expression, zone, start, length):
    until = start + length
    every = cron.ticks_after(expression, zone, start, until_ms=until)
    assert all(one < other for one, other in pairwise(every))
    assert count_ticks(expression, zone, start, until) == len(every)
    assert latest_ticks(expression, zone, start, until, 7) == every[-7:]


@settings(deadline=None, max_examples=100)
@given(expressions, st.sampled_from(ZONES), starts)
def test_ticks_come_in_the_same_way_one_by_one(expression, zone, start):
    together = cron.ticks_after(expression, zone, start, count=30)
    at = start
    alone: list[int] = []
    while len(alone) < 30 and (following := cron.next_tick(expression, zone, at)) is not None:
        alone.append(at := following)
    assert alone == together


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        (BERLIN, "2026-03-29", ["29 03:00:00+0200"]),  # 02:30 is skipped: at the first instant after the gap
        (BERLIN, "2026-10-25", ["25 02:30:00+0200"]),  # it comes twice: the first time
        (NEW_YORK, "2026-03-08", ["08 03:00:00-0400"]),
        (NEW_YORK, "2026-11-01", ["01 02:30:00-0500"]),  # clocks go back from 02:00 to 01:00
        (LORD_HOWE, "2026-10-04", ["04 02:30:00+1100"]),  # half an hour is skipped, from 02:00 to 02:30
        (LORD_HOWE, "2026-04-05", ["05 02:30:00+1030"]),
    ],
)
def test_a_nightly_job_runs_once_each_night(zone, day, expected):
    assert day_of(zone, "30 2 * * *", day) == expected


@pytest.mark.parametrize(
    ("zone", "day", "ticks"),
    [
        (BERLIN, "2026-03-29", 23), (BERLIN, "2026-10-25", 25), (NEW_YORK, "2026-03-08", 23),
        (NEW_YORK, "2026-11-01", 25), (LORD_HOWE, "2026-10-04", 23), (LORD_HOWE, "2026-04-05", 24),
    ],
)  # fmt: skip
def test_an_hourly_rhythm_goes_on_through_a_change_of_clocks(zone, day, ticks):
    assert len(day_of(zone, "0 * * * *", day)) == ticks


def test_a_change_of_half_an_hour_costs_no_tick():
    assert day_of(LORD_HOWE, "*/10 1-2 * * *", "2026-04-05") == [
        *(f"05 01:{minute:02}:00+1100" for minute in range(0, 60, 10)),
        *(f"05 01:{minute:02}:00+1030" for minute in range(30, 60, 10)),
        *(f"05 02:{minute:02}:00+1030" for minute in range(0, 60, 10)),
    ]
    assert len(day_of(LORD_HOWE, "* 0 * * *", "2026-10-05")) == 60


def test_a_sixth_field_in_front_is_for_seconds():
    assert shown("UTC", cron.ticks_after("*/20 5 4 * * *", "UTC", ms("2026-01-01T00:00:00+00:00"), count=4)) == [
        "01 04:05:00+0000", "01 04:05:20+0000", "01 04:05:40+0000", "02 04:05:00+0000",
    ]  # fmt: skip


def test_a_tick_is_after_an_instant_and_never_at_it():
    noon = ms("2026-01-01T12:00:00+00:00")
    assert cron.next_tick("0 12 * * *", "UTC", noon - 1) == noon
    assert cron.next_tick("0 12 * * *", "UTC", noon) == noon + DAY
    assert cron.ticks_after("0 12 * * *", "UTC", noon - 1, until_ms=noon) == [noon]


@pytest.mark.parametrize("expression", [*cron.MACROS, "* * * * *", "0 9 * * MON-FRI", "0 0 29 2 *", "0 12 L * *"])
def test_what_can_be_read_is_explained(expression):
    cron.check(expression)
    assert cron.explain(expression)[0].isupper()


def test_a_word_stands_for_its_fields():
    start = ms("2026-01-01T00:00:00+00:00")
    for word, fields in cron.MACROS.items():
        assert cron.ticks_after(word, BERLIN, start, count=5) == cron.ticks_after(fields, BERLIN, start, count=5)
    assert cron.explain("@daily") == "At 00:00 every day"


@pytest.mark.parametrize(
    "expression",
    [
        "", "x", "* * * *", "60 * * * *", "* 24 * * *", "* * 32 * *", "*/0 * * * *", "5-1 * * * *", "@never", "@reboot",
        "0 0 30 2 *", "0 0 31 4,6,9,11 *", "* * * * *" + " " * 100, "٣ * * * *", "* * * * *\n", "* * * * MON#6",
        "0 0 31 2 */2", "\0 * * * *", "1/2/3/0 * * * *",
    ],
)  # fmt: skip
def test_what_is_no_expression_or_never_comes_is_refused(expression):
    with pytest.raises(cron.BadExpression):
        cron.check(expression)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.text("0123456789*/,-LW#SUN? ", max_size=12), min_size=1, max_size=6).map(" ".join))
def test_whatever_is_given_is_read_or_refused(expression):
    try:
        cron.check(expression)
    except cron.BadExpression:
        return
    assert cron.explain(expression)
    assert cron.next_tick(expression, BERLIN, 0) is not None


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "Europe", "europe/berlin", "localtime", "\0"])
def test_what_is_no_time_zone_is_refused(zone):
    with pytest.raises(cron.BadZone):
        cron.check_zone(zone)
    with pytest.raises(cron.BadZone):
        cron.next_tick("* * * * *", zone, 0)


def test_ticks_end_with_the_calendar():
    assert cron.ticks_after("0 0 1 1 *", BERLIN, ms("9997-06-01T00:00:00+00:00"), count=9)[-1] < ms(
        "9999-12-31T23:59:59+00:00"
    )
