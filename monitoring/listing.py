"""A list of jobs as its address describes it: filters, columns, pages, and the words for all of it."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from django.http import QueryDict

from jobs.api.bodies.filters import is_fingerprint
from jobs.inspection.figures import Stats
from jobs.inspection.search import Page
from jobs.words import figure

from .bulk_form import LISTS, NO_NAMES, SINGLES, TIMES, Criterion, criteria_of, exactly, said_by
from .error_names import Names
from .live.topics import list_topic
from .moments import READY, told

COLUMNS: Final = ("id", "created", "finished", "queue", "priority", "attempts", "took", "worker", "error", "payload")
USUAL: Final = ("id", "created", "queue", "attempts", "took", "error", "payload")
USUAL_OF_ENDED: Final = ("id", "created", "finished", "queue", "attempts", "took", "error", "payload")
PAGE: Final = 50
_ENDS: Final = ("After", "Before")
_ENDED: Final = {"completed", "dead", "cancelled"}
_FORGOTTEN: Final = {"completed", "cancelled"}


class Chip(msgspec.Struct, frozen=True):
    """A filter that holds: what, which, and the address without it. `instant` is an exact time, `prints` are
    the fingerprints of errors that are named."""

    what: str
    which: str
    without: str
    instant: str = ""
    prints: str = ""


class TimeField(msgspec.Struct, frozen=True):
    """A choice of times in a form: their names in the address, what holds, and what is ready to choose."""

    word: str
    after: str
    before: str
    since: str
    until: str
    ready: tuple[tuple[str, str], ...] = READY

    @property
    def is_ready(self) -> bool:
        """Whether what holds is one of those that are ready to choose."""
        return any(self.since == each for each, _ in self.ready)


class Listing(msgspec.Struct, frozen=True):
    """What an address asks for.

    `said` is the filter as the address has it, whose times may move along with now; `filter` is what it means now, as
    the API takes it. `columns` are those to show, `usual` those of an address that names none. `names` are those of
    errors that it says by fingerprint.
    """

    path: str
    said: dict[str, Any]
    filter: dict[str, Any]
    columns: tuple[str, ...]
    cursor: str
    usual: tuple[str, ...] = USUAL
    names: Names = NO_NAMES

    @classmethod
    def read(cls, path: str, query: QueryDict, *, stateless: bool = False) -> Listing:
        """What a query string says; what it does not know it passes over, and states in the list of dead jobs."""
        chosen = tuple(each for each in query.getlist("column") if each in COLUMNS)
        said = {name: value for name, value in said_by(query).items() if not (stateless and name == "status")}
        have_ended = stateless or _ENDED.issuperset(said.get("status", ("pending",)))
        usual = USUAL_OF_ENDED if have_ended else USUAL
        return cls(path, said, exactly(said), chosen or usual, query.get("cursor", ""), usual)

    @property
    def is_filtered(self) -> bool:
        """Whether any job may be left out."""
        return bool(self.filter)

    @property
    def is_first(self) -> bool:
        """Whether it begins with the latest job."""
        return not self.cursor

    @property
    def first(self) -> str:
        """The address of its first page."""
        return self.address(self.said)

    @property
    def is_of_states(self) -> bool:
        """Whether nothing but states filters it."""
        return not self.said.keys() - {"status"}

    def topic(self, scope: str) -> str:
        """The live topic that tells of all its rows; nothing where there is none."""
        if not self.is_first or not self.is_of_states:
            return ""
        return list_topic(["dead"] if scope == "dlq" else self.said.get("status", []))

    @property
    def names_errors(self) -> bool:
        """Whether errors are looked for by nothing but their fingerprints."""
        return all(map(is_fingerprint, self.said.get("error", ())))

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
        return self._pairs(self.said)

    @property
    def exported(self) -> str:
        """The filter as the query of an export."""
        return urlencode(self._pairs(self.said, with_columns=False))

    @property
    def held(self) -> dict[str, list[str]]:
        """The values of each filter that may have several."""
        return {name: self.said.get(name, []) for name in LISTS}

    @property
    def times(self) -> list[TimeField]:
        """The choices of times."""
        words = {"created": "Enqueued", "finished": "Ended"}
        return [
            TimeField(word, f"{name}After", f"{name}Before", *(self.said.get(f"{name}{end}", "") for end in _ENDS))
            for name, word in words.items()
        ]

    def kept_since(self, stats: Stats) -> tuple[str, str] | None:
        """(state, since when its jobs are still stored) where that may be why some are missing."""
        chosen = set(self.said.get("status", ()))
        if not chosen & _FORGOTTEN and not any(name in self.said for name in TIMES):
            return None
        state = "cancelled" if chosen == {"cancelled"} else "completed"
        return state, getattr(stats, f"{state}_since") or ""

    @property
    def chips(self) -> list[Chip]:
        """The filters that hold, but for the state, which the tabs show, and the text, which its field shows."""
        return [self._chip(name, words) for name, words in self._criteria.items() if name not in ("status", "q")]

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

    @property
    def _criteria(self) -> dict[str, Criterion]:
        return dict(zip(self.said, criteria_of(self.said, self.names), strict=True))

    def _chip(self, name: str, words: Criterion) -> Chip:
        without = self.address({key: value for key, value in self.said.items() if key != name})
        moving = told(words.which) if name in TIMES else ""
        instant = words.which if name in TIMES and not moving else ""
        return Chip(words.what, moving or words.which, without, instant, words.prints)

    def _pairs(self, wanted: dict[str, Any], *, with_columns: bool = True) -> list[tuple[str, str]]:
        pairs = [
            (name, each)
            for name in (*LISTS, *SINGLES)
            if name in wanted
            for each in (wanted[name] if isinstance(wanted[name], list) else [wanted[name]])
        ]
        has_columns = with_columns and self.columns != self.usual
        return pairs + [("column", each) for each in self.columns if has_columns]


def searched_words(page: Page) -> str:
    """How far a list has looked, where it stopped before its page was full: "searched 84,000 of 200,000"."""
    looked = page.searched
    if looked.complete or len(page.items) >= PAGE:
        return ""
    return f"searched {figure(looked.count)} of {figure(looked.of)}"
