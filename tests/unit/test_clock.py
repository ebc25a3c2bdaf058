"""Instants in ms and what the wire makes of them."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.clock import MAX_INSTANT_MS, SystemClock, isoformat, to_datetime, to_instant_ms

INSTANTS = st.integers(0, MAX_INSTANT_MS)
OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(INSTANTS)
def test_an_instant_survives_its_datetime(instant_ms):
    assert to_instant_ms(to_datetime(instant_ms)) == instant_ms


@given(INSTANTS)
def test_the_wire_form_is_rfc_3339_with_milliseconds_and_z(instant_ms):
    text = isoformat(instant_ms)
    assert len(text) == 24
    assert text.endswith("Z")
    assert to_instant_ms(datetime.fromisoformat(text)) == instant_ms


@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)), OFFSETS)  # noqa: DTZ001 - the strategy adds it
def test_the_offset_of_a_datetime_does_not_matter(moment, offset):
    aware = moment.replace(tzinfo=UTC)
    assert to_instant_ms(aware.astimezone(offset)) == to_instant_ms(aware)


def test_the_last_instant_is_the_end_of_the_year_9999():
    assert isoformat(MAX_INSTANT_MS) == "9999-12-31T23:59:59.999Z"


def test_an_instant_before_1970_is_negative():
    assert to_instant_ms(datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)) == -1000


def test_microseconds_are_dropped():
    assert to_instant_ms(datetime(1970, 1, 1, microsecond=1999, tzinfo=UTC)) == 1


def test_a_datetime_without_offset_is_refused():
    with pytest.raises(ValueError, match="needs an offset"):
        to_instant_ms(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


def test_the_system_clock_is_the_monotonic_one():
    before = time.monotonic()
    assert before <= SystemClock().monotonic() <= time.monotonic()
