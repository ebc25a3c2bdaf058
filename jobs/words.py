"""Figures and times as people read them, on pages and at a terminal."""

from __future__ import annotations

from datetime import datetime

from .clock import to_instant_ms

YEAR = 31_557_600
UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
BRIEF_FROM = 10_000
BYTE_UNITS = ("B", "KiB", "MiB", "GiB")


def lasting(milliseconds: float | None) -> str:
    """A duration: 12 ms, 3.4 s, 5 min, 2 h; nothing for None."""
    if milliseconds is None:
        return ""
    milliseconds = round(milliseconds)
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 10_000:
        return f"{milliseconds / 1000:.1f} s"
    return _rough(milliseconds // 1000)


def when(instant: str | None, now_ms: int) -> str:
    """A time of the wire beside now: 3 min ago, in 40 s, now; nothing for None."""
    if instant is None:
        return ""
    seconds = (now_ms - to_instant_ms(datetime.fromisoformat(instant))) / 1000
    if abs(seconds) < 1:
        return "now"
    return f"{_rough(int(seconds))} ago" if seconds > 0 else f"in {_rough(int(-seconds))}"


def exactly(instant: str | None) -> str:
    """A time of the wire, easier to read: 2026-01-31 08:00:00 UTC."""
    return "" if instant is None else f"{instant[:10]} {instant[11:19]} UTC"


def size(count: int) -> str:
    """A number of bytes: 812 B, 3.4 MiB."""
    amount, unit = float(count), 0
    while amount >= 1000 and unit < len(BYTE_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{amount:.0f} {BYTE_UNITS[unit]}" if unit == 0 or amount >= 10 else f"{amount:.1f} {BYTE_UNITS[unit]}"


def rate(per_second: float) -> str:
    """Per second: 1,240/s, 3.2/s, 0/s."""
    if not per_second or per_second >= 10:
        return f"{per_second:,.0f}/s"
    return f"{per_second:.1f}/s" if per_second >= 0.05 else "<0.1/s"


def figure(count: int | None) -> str:
    """25104 → 25,104; nothing for None."""
    return "" if count is None else f"{count:,}"


def brief(count: int | None) -> str:
    """A figure where there is little room: 9,999, from 10,000 on whole thousands: 25k; nothing for None."""
    return figure(count) if count is None or count < BRIEF_FROM else f"{count // 1000:,}k"


def several(count: int, noun: str) -> str:
    """1 job, 1,200 jobs."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _rough(seconds: int) -> str:
    if seconds >= 2 * YEAR:  # below that, days tell more
        return f"{seconds // YEAR:,} years"
    for length, unit in UNITS:
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return "0 s"


def storable(value: str) -> str:
    """Without the two kinds of characters that PostgreSQL refuses: NUL and halves of surrogate pairs."""
    return value.replace("\0", "�").encode("utf-8", "replace").decode()
