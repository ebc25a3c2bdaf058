"""Rows in columns: as wide as they need, or as narrow as the terminal, page after page in the same columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from .printable import cut, safe, width_of

GAP: Final = "  "
NARROWEST: Final = 4  # that a column is cut to


class Column(msgspec.Struct, frozen=True):
    """One column. On a narrow terminal it is cut to `least` (0: never cut); then columns are left out, those with the
    highest `drop` first (0: never); then the rest is cut further. `colours` are those of whole cells.
    """

    title: str
    least: int = 0
    drop: int = 0
    right: bool = False
    colours: Mapping[str, str] = {}


class Table:
    """Lays out rows. The widths are those that the first page of them needs."""

    def __init__(self, columns: Sequence[Column], room: int | None = None, *, colourful: bool = False) -> None:
        """`room`: columns of the terminal, None for no limit."""
        self._columns = columns
        self._room = room
        self._colourful = colourful
        self._widths: list[tuple[int, int]] = []  # which columns are shown, and how wide

    def lines(self, rows: Sequence[Sequence[str]]) -> Iterator[str]:
        """The next page as lines, the titles before the first."""
        cells = [[safe(cell) for cell in row] for row in rows]
        if not self._widths:
            titles = [column.title for column in self._columns]
            natural = [max(map(width_of, column)) for column in zip(titles, *cells, strict=True)]
            self._widths = fit(self._columns, natural, self._room)
            yield self._line(titles, is_head=True)
        for row in cells:
            yield self._line(row)

    def _line(self, row: Sequence[str], *, is_head: bool = False) -> str:
        parts = []
        for at, width in self._widths:
            column, text = self._columns[at], row[at]
            shown = text if self._room is None else cut(text, width)
            padding = " " * (width - width_of(shown))
            if self._colourful:
                shown = paint(shown, "1" if is_head else column.colours.get(text, ""))
            parts.append(padding + shown if column.right else shown + padding)
        return GAP.join(parts).rstrip()


def fit(columns: Sequence[Column], natural: Sequence[int], room: int | None) -> list[tuple[int, int]]:
    """(index, width) of the columns that are shown, given what each would like."""
    if room is None:
        return list(enumerate(natural))
    least = [min(width, column.least or width) for column, width in zip(columns, natural, strict=True)]
    kept = list(range(len(columns)))
    for at in sorted(kept, key=lambda at: -columns[at].drop):
        if columns[at].drop and _total(least, kept) > room:
            kept.remove(at)
    widths = {at: least[at] for at in kept}
    for _ in range(_total(least, kept) - room):
        wide = [at for at in kept if columns[at].least and widths[at] > NARROWEST]
        if not wide:
            break
        widths[max(wide, key=lambda at: widths[at])] -= 1
    for _ in range(room - _total(least, kept)):  # what is left goes to whichever is narrowest and wants more
        wanting = [at for at in kept if widths[at] < natural[at]]
        if not wanting:
            break
        widths[min(wanting, key=lambda at: widths[at])] += 1
    return list(widths.items())


def paint(text: str, colour: str) -> str:
    """The text in a colour, the number of an ANSI sequence; "" leaves it."""
    return f"\x1b[{colour}m{text}\x1b[0m" if colour and text else text


def _total(widths: Sequence[int], kept: Sequence[int]) -> int:
    return sum(widths[at] for at in kept) + len(GAP) * (len(kept) - 1)
