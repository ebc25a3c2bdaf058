"""When cron expressions are due. Instants are UTC in ms; time zones go by their IANA names. Pure.

`cronsim` finds the wall times that match; what becomes of them where clocks are moved is decided here. A wall time that
is skipped is due at the first instant after the gap, one that comes twice is due the first time: so that a nightly job
runs once each night. An expression whose second, minute or hour begins with a star means a rhythm: it is due whenever
the wall shows a time that matches, not in the gap, and both times when clocks are put back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

MOST_CHARACTERS: Final = 100
MACROS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_SECOND: Final = timedelta(seconds=1)
_WEEK: Final = timedelta(days=7)  # no zone changes its offset twice within
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - instants are naive UTC in here
_NOT_EVERYWHERE: Final = frozenset({"localtime", "Factory", "posixrules"})
# Besides its own, cronsim lets out what its parser stumbles over.
_REFUSALS: Final = (CronSimError, AssertionError, ValueError, TypeError, IndexError, OverflowError, RecursionError)


class BadExpression(ValueError):
    """A cron expression that cannot be read, or that never comes. The text is a sentence."""


class BadZone(ValueError):
    """A time zone that there is not. The text is a sentence."""


def check(expression: str) -> None:
    """Raise BadExpression for one that cannot be read or never comes."""
    if next(_walls(expression, _EPOCH), None) is None:
        raise BadExpression("it never comes")


def check_zone(name: str) -> None:
    """Raise BadZone for a name that IANA does not know."""
    if name not in zones():
        raise BadZone("give the IANA name of a time zone, like Europe/Berlin or UTC")


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """The names of all time zones."""
    return frozenset(available_timezones() - _NOT_EVERYWHERE)


def explain(expression: str) -> str:
    """The expression in English words, like "At 03:00 every day". Raises BadExpression."""
    try:
        return str(parsed(expression).explain())
    except _REFUSALS as error:
        raise BadExpression(f"it cannot be put in words: {error}") from error


def ticks_after(
    expression: str, zone: str, instant_ms: int, *, until_ms: int | None = None, count: int | None = None
) -> list[int]:
    """The first `count` ticks after an instant, up to and with `until_ms`. One of both has to be given.

    Raises BadExpression and BadZone.
    """
    if until_ms is None and count is None:
        raise TypeError("give until_ms or count")
    found = []
    for tick in islice(_ticks(expression, _zone(zone), instant_ms), count):
        if until_ms is not None and tick > until_ms:
            break
        found.append(tick)
    return found


def next_tick(expression: str, zone: str, instant_ms: int) -> int | None:
    """The first tick after an instant; None where none comes within 50 years."""
    return next(iter(ticks_after(expression, zone, instant_ms, count=1)), None)


def wall_at(zone: str, instant_ms: int) -> datetime:
    """What the wall shows at an instant. Raises BadZone."""
    instant, there = _EPOCH + timedelta(milliseconds=instant_ms), _zone(zone)
    return instant if there is None else instant + _offset(there, instant)


def midnight(zone: str, day: date) -> int:
    """The first instant of a day. Raises BadZone."""
    wall, there = datetime.combine(day, time()), _zone(zone)
    return _ms(wall if there is None else _instant(there, wall))


def _ticks(expression: str, zone: tzinfo | None, after_ms: int) -> Iterator[int]:
    after = _EPOCH + timedelta(milliseconds=after_ms)
    if zone is None:
        found = _walls(expression, after)
    elif _is_rhythm(expression):
        found = _rhythm(expression, zone, after)
    else:
        found = _once_each(expression, zone, after)
    try:
        for instant in found:
            yield _ms(instant)
    except OverflowError:  # the year 10000
        return


def _once_each(expression: str, zone: tzinfo, after: datetime) -> Iterator[datetime]:
    """Each wall time once, whatever is done to clocks."""
    last = after
    for wall in _walls(expression, after + _offset(zone, after)):
        instant = _instant(zone, wall)
        if instant > last:  # several that are skipped come down to one
            yield instant
            last = instant


def _rhythm(expression: str, zone: tzinfo, after: datetime) -> Iterator[datetime]:
    """All instants at which the wall shows a time that matches: from change to change of the offset."""
    offset, sure = _offset(zone, after), after
    walls = _walls(expression, after + offset)
    while (wall := next(walls, None)) is not None:
        instant = wall - offset
        while sure < instant:
            ahead = min(instant, sure + _WEEK)
            if _offset(zone, ahead) != offset:
                sure = _change(zone, sure, ahead)
                offset = _offset(zone, sure)
                walls = _walls(expression, sure + offset - _SECOND)
                break
            sure = ahead
        else:
            yield instant


def _walls(expression: str, after: datetime) -> Iterator[datetime]:
    """The times that match after one, without regard to zones; an end where none comes for 50 years."""
    simulator = parsed(expression, after)
    try:
        yield from simulator
    except OverflowError:  # the year 10000
        return


def parsed(expression: str, after: datetime = _EPOCH) -> Any:
    """The CronSim of an expression, which goes on from a wall time. Raises BadExpression."""
    if len(expression) > MOST_CHARACTERS or not expression.isascii() or not expression.isprintable():
        raise BadExpression(f"give at most {MOST_CHARACTERS} plain characters")
    fields = MACROS.get(expression.strip().lower(), expression)
    if fields.startswith("@"):
        raise BadExpression(f"give five fields, or one of {' '.join(MACROS)}")
    try:
        return CronSim(fields, after)
    except _REFUSALS as error:
        raise BadExpression(f"not a cron expression: {str(error) or 'it cannot be read'}") from error


def _is_rhythm(expression: str) -> bool:
    fields = MACROS.get(expression.strip().lower(), expression).split()
    return any(field.startswith("*") for field in fields[:-3])


def _zone(name: str) -> tzinfo | None:
    """None for UTC, of which there is nothing to know."""
    if name == "UTC":
        return None
    check_zone(name)
    return ZoneInfo(name)


def _offset(zone: tzinfo, instant: datetime) -> timedelta:
    """How far the wall is ahead of UTC at an instant."""
    return zone.utcoffset(instant.replace(tzinfo=UTC).astimezone(zone)) or timedelta()


def _side(zone: tzinfo, wall: datetime, fold: int) -> timedelta:
    """How far a wall time is ahead of UTC, of two the earlier (fold 0) or the later."""
    return wall.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta()


def _instant(zone: tzinfo, wall: datetime) -> datetime:
    """The first instant at which clocks show a time; of one that is skipped, the first after the gap."""
    before = _side(zone, wall, 0)
    if _offset(zone, wall - before) == before:
        return wall - before
    return _change(zone, wall - _side(zone, wall, 1) - _SECOND, wall - before)


def _change(zone: tzinfo, low: datetime, high: datetime) -> datetime:
    """The first instant, in whole seconds, at which the offset is another than at `low`; at `high` it is."""
    offset = _offset(zone, low)
    low_s, high_s = _ms(low) // 1000, -(-_ms(high) // 1000)
    while high_s - low_s > 1:
        middle = (low_s + high_s) // 2
        if _offset(zone, _EPOCH + timedelta(seconds=middle)) == offset:
            low_s = middle
        else:
            high_s = middle
    return _EPOCH + timedelta(seconds=high_s)


def _ms(instant: datetime) -> int:
    delta = instant - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000
