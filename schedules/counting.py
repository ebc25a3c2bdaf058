"""How many ticks there were in a long time, and which were the last, without looking at each. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from . import cron

_DAY: Final = timedelta(days=1)
_DAY_MS: Final = 86_400_000
_FIRST_LOOK_MS: Final = 60_000


def latest_ticks(expression: str, zone: str, after_ms: int, until_ms: int, most: int) -> list[int]:
    """The last ticks, at most `most`, after an instant up to and with another."""
    look = _FIRST_LOOK_MS
    while True:
        start = max(after_ms, until_ms - look)
        found = cron.ticks_after(expression, zone, start, until_ms=until_ms)
        if len(found) >= most or start == after_ms:
            return found[-most:]
        look *= 4


def count_ticks(expression: str, zone: str, after_ms: int, until_ms: int) -> int:
    """How many ticks there are after an instant up to and with another.

    Only days of the zone that have not 24 hours are walked through: the others go by the clock from end to end.
    """
    fields = cron.parsed(expression)
    total, at = 0, after_ms
    day = cron.wall_at(zone, after_ms).date()
    start = cron.midnight(zone, day)
    while at < until_ms:
        following = cron.midnight(zone, day + _DAY)
        edge = min(following - 1, until_ms)
        if following - start != _DAY_MS:
            total += len(cron.ticks_after(expression, zone, at, until_ms=edge))
        elif day.month in fields.months and fields.match_day(day):
            total += _times(fields, edge - start) - (_times(fields, at - start) if at >= start else 0)
        at, day, start = edge, day + _DAY, following
    return total


def _times(fields: Any, ms_of_day: int) -> int:
    """How many times of a day match, up to and with one."""
    minute_of_day, second = divmod(ms_of_day // 1000, 60)
    hour, minute = divmod(minute_of_day, 60)
    seconds = sum(each <= second for each in fields.seconds) if minute in fields.minutes else 0
    minutes = (
        sum(each < minute for each in fields.minutes) * len(fields.seconds) + seconds if hour in fields.hours else 0
    )
    hours: int = sum(each < hour for each in fields.hours)
    return hours * len(fields.minutes) * len(fields.seconds) + minutes
