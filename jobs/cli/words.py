"""Figures and texts as a person at a terminal reads them."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from jobs.clock import to_instant_ms

UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
BYTE_UNITS = ("B", "KiB", "MiB", "GiB")
CUT = "…"


def safe(text: str) -> str:
    """The text with everything escaped that a terminal might obey, on one line."""
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def safe_lines(text: str) -> str:
    """The same for a text whose lines stay lines."""
    return "\n".join(map(safe, text.expandtabs(4).split("\n")))


def width_of(text: str) -> int:
    """How many columns of a terminal a safe text takes."""
    return len(text) if text.isascii() else sum(map(_width, text))


def cut(text: str, room: int) -> str:
    """The text, or as much of its beginning as fits into so many columns, with an ellipsis."""
    if width_of(text) <= room:
        return text
    kept, used = [], 1
    for char in text:
        used += _width(char)
        if used > room:
            break
        kept.append(char)
    return "".join(kept).rstrip() + CUT if room > 0 else ""


def lasting(milliseconds: int | None) -> str:
    """A duration: 12 ms, 3.4 s, 5 min, 2 h; nothing for None."""
    if milliseconds is None:
        return ""
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


def figure(count: int) -> str:
    """25104 → 25,104."""
    return f"{count:,}"


def several(count: int, noun: str) -> str:
    """1 job, 1,200 jobs."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _rough(seconds: int) -> str:
    for length, unit in UNITS:
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return "0 s"


def _width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _escaped(char: str) -> str:
    point = ord(char)
    if point < 0x10000:
        return f"\\u{point:04x}"
    high, low = divmod(point - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
