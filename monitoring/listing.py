"""A list of jobs as its address describes it: filters, columns, pages, and the words for all of it."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from django.http import QueryDict

from jobs.inspection.search import Page
from jobs.words import figure

from .bulk_form import LISTS, SINGLES, criteria_of, filter_from

COLUMNS: Final = ("id", "created", "finished", "queue", "priority", "attempts", "took", "worker", "error", "payload")
USUAL: Final = ("id", "created", "queue", "attempts", "took", "error", "payload")
PAGE: Final = 50


class Chip(msgspec.Struct, frozen=True):
    """A filter that holds: what, which, and the address without it."""

    what: str
    which: str
    without: str


class Listing(msgspec.Struct, frozen=True):
    """What an address asks for. `filter` is that of the API, `columns` are those to show."""

    path: str
    filter: dict[str, Any]
    columns: tuple[str, ...]
    cursor: str

    @classmethod
    def read(cls, path: str, query: QueryDict) -> Listing:
        """What a query string says; what it does not know it passes over."""
        chosen = tuple(each for each in query.getlist("column") if each in COLUMNS)
        return cls(path, filter_from(query), chosen or USUAL, query.get("cursor", ""))

    @property
    def is_filtered(self) -> bool:
        """Whether any job may be left out."""
        return bool(self.filter)

    @property
    def is_first(self) -> bool:
        """Whether it begins with the latest job."""
        return not self.cursor

    @property
    def text(self) -> str:
        """The text that is looked for in payloads."""
        return str(self.filter.get("q", ""))

    @property
    def hidden_columns(self) -> str:
        """Classes of a table without the columns that are not chosen."""
        return " ".join(f"without-{each}" for each in COLUMNS if each not in self.columns)

    @property
    def column_choices(self) -> list[tuple[str, bool]]:
        """All columns, each with whether it is shown."""
        return [(each, each in self.columns) for each in COLUMNS]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The filter and the columns as fields of a form."""
        return self._pairs(self.filter)

    @property
    def chips(self) -> list[Chip]:
        """The filters that hold, but for the state, which the tabs show, and the text, which its field shows."""
        told = dict(zip(self.filter, criteria_of(self.filter), strict=True))
        return [
            Chip(*words, self.address({key: value for key, value in self.filter.items() if key != name}))
            for name, words in told.items()
            if name not in ("status", "q")
        ]

    def query(self) -> QueryDict:
        """What the API is asked."""
        made = QueryDict(mutable=True)
        for name, value in self.filter.items():
            made.setlist(name, value if isinstance(value, list) else [value])
        made["limit"] = str(PAGE)
        if self.cursor:
            made["cursor"] = self.cursor
        return made

    def address(self, wanted: dict[str, Any], **more: str) -> str:
        """The address of the same list with another filter, from its first page on unless `cursor` says otherwise."""
        pairs = [*self._pairs(wanted), *more.items()]
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    def after(self, cursor: str | None) -> str:
        """The address of the page that begins at a cursor; nothing without one."""
        return self.address(self.filter, cursor=cursor) if cursor else ""

    def _pairs(self, wanted: dict[str, Any]) -> list[tuple[str, str]]:
        pairs = [
            (name, each)
            for name in (*LISTS, *SINGLES)
            if name in wanted
            for each in (wanted[name] if isinstance(wanted[name], list) else [wanted[name]])
        ]
        return pairs + ([("column", each) for each in self.columns] if self.columns != USUAL else [])


def searched_words(page: Page) -> str:
    """How far a list has looked, where it stopped before its page was full: "searched 84,000 of 200,000"."""
    looked = page.searched
    if looked.complete or len(page.items) >= PAGE:
        return ""
    return f"searched {figure(looked.count)} of {figure(looked.of)}"
