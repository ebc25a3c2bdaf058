"""How many ticks there were in a long time, and which were the last, without looking at each. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

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

    Days of the zone that have 24 hours are not walked through, but the first and the last one: those that match have
    equally many.
    """
    fields = cron.parsed(expression)
    in_a_day = len(fields.seconds) * len(fields.minutes) * len(fields.hours)
    total, at, is_begun = 0, after_ms, False
    day = cron.wall_at(zone, after_ms).date()
    while at < until_ms:
        end = cron.midnight(zone, day + _DAY) - 1
        edge = min(end, until_ms)
        if is_begun and edge == end and edge - at == _DAY_MS:
            total += in_a_day if day.month in fields.months and fields.match_day(day) else 0
        else:
            total += len(cron.ticks_after(expression, zone, at, until_ms=edge))
        at, day, is_begun = edge, day + _DAY, True
    return total
