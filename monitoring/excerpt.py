"""Some of many rows that are all at hand: a page of those whose name has what is looked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Generic, NamedTuple, TypeVar
from urllib.parse import urlencode

import msgspec
from django.http import QueryDict

from jobs.words import figure

ROWS: Final = 50  # of a page
LONGEST: Final = 128  # of what is looked for

S = TypeVar("S")
T = TypeVar("T")


class Names(NamedTuple):
    """What the address calls the text that is looked for and the page's number; two lists of a page differ in it."""

    wanted: str = "name"
    page: str = "page"


NAMES: Final = Names()


class Excerpt(msgspec.Struct, Generic[T], frozen=True):
    """The rows of one page. `first` is the number of its first row, from 1, of `matching` of `total`.

    `before` and `after` are the addresses of its neighbours, empty where there is none; `bare` leads to all rows.
    `others` are what a form keeps of the address.
    """

    rows: Sequence[T]
    first: int
    matching: int
    total: int
    wanted: str
    names: Names
    before: str
    after: str
    bare: str
    others: list[tuple[str, str]]

    def shown_as(self, change: Callable[[T], S]) -> Excerpt[S]:
        """The same page, with what something makes of each row."""
        return self.with_rows([change(row) for row in self.rows])

    def with_rows(self, rows: Sequence[S]) -> Excerpt[S]:
        """The same page with other rows, which stand for its own."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return Excerpt(**fields | {"rows": rows})

    @property
    def is_live(self) -> bool:
        """Whether these are the rows that live views are told of."""
        return self.first == 1 and not self.wanted

    @property
    def is_whole(self) -> bool:
        """Whether all rows are here."""
        return len(self.rows) == self.total

    @property
    def exported(self) -> str:
        """The query of an export that has the rows of all pages."""
        kept = [pair for pair in self.others if pair[0] != NAMES.wanted]
        return urlencode([(NAMES.wanted, self.wanted), *kept] if self.wanted else kept)

    @property
    def words(self) -> str:
        """Which rows these are: "51–100 of 1,000", or "3 of 1,000 match"."""
        if len(self.rows) == self.matching:
            return f"{figure(self.matching)} of {figure(self.total)} match" if self.wanted else figure(self.total)
        last = self.first + len(self.rows) - 1
        matching = " that match" if self.wanted else ""
        return f"{figure(self.first)}–{figure(last)} of {figure(self.matching)}{matching}"


def excerpt(
    rows: Sequence[T], query: QueryDict, text_of: Callable[[T], str], names: Names = NAMES, anchor: str = ""
) -> Excerpt[T]:
    """The rows that an address asks for, in their order: those whose text has `wanted`, ROWS a page.

    A number that is none is the first page, one that is too high the last. Addresses end with `anchor`.
    """
    wanted = wanted_by(query, names)
    matching = having(rows, wanted, text_of)
    number = min(number_of(query, names), last_page(len(matching)))
    start = (number - 1) * ROWS
    return one_page(matching[start : start + ROWS], number, (len(matching), len(rows)), query, names, anchor)


def having(rows: Sequence[T], wanted: str, text_of: Callable[[T], str]) -> Sequence[T]:
    """The rows whose text has what is looked for, whatever its case."""
    return [row for row in rows if wanted.lower() in text_of(row).lower()] if wanted else rows


def one_page(
    rows: Sequence[T], number: int, sizes: tuple[int, int], query: QueryDict, names: Names = NAMES, anchor: str = ""
) -> Excerpt[T]:
    """The page with that number, whose rows somebody else has found; `sizes`: how many match, of how many."""
    start, (matching, total) = (number - 1) * ROWS, sizes

    def address(page: int, *without: str) -> str:
        made = query.copy()
        for name in (names.page, *without):
            made.pop(name, None)
        if page > 1:
            made[names.page] = str(page)
        return f"?{made.urlencode()}{anchor}"

    return Excerpt(
        rows=rows,
        first=start + 1,
        matching=matching,
        total=total,
        wanted=wanted_by(query, names),
        names=names,
        before=address(number - 1) if number > 1 else "",
        after=address(number + 1) if start + ROWS < matching else "",
        bare=address(1, names.wanted),
        others=[(name, query.get(name, "")) for name in query if name not in names],
    )


def wanted_by(query: QueryDict, names: Names = NAMES) -> str:
    """The text that an address looks for."""
    return query.get(names.wanted, "").strip()[:LONGEST]


def number_of(query: QueryDict, names: Names = NAMES) -> int:
    """The number of the page that an address asks for, from 1."""
    return _number(query.get(names.page, ""))


def last_page(matching: int) -> int:
    """The number of the last page, of so many rows."""
    return max(1, -(-matching // ROWS))


def _number(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 10 else 1
