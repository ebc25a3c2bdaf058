"""Texts as a terminal may print them."""

from __future__ import annotations

import unicodedata
from typing import Any

import msgspec

CUT = "…"


def safe(text: str) -> str:
    """The text with everything escaped that a terminal might obey, on one line."""
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def safe_lines(text: str) -> str:
    """The same for a text whose lines stay lines."""
    return "\n".join(map(safe, text.expandtabs(4).split("\n")))


def safe_json(value: Any) -> str:
    """A value as JSON. JSON leaves controls beyond ASCII as they are, those that turn text around too; some terminals
    obey them, so they are escaped. What is printable stays, and so does ASCII: line ends may stand between values."""
    text = msgspec.json.encode(value).decode()
    return "".join(char if char < "\x7f" or char.isprintable() else _escaped(char) for char in text)


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
