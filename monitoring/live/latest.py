"""The newest jobs of a list, in the order in which its pages have them, and where the next page begins."""

from __future__ import annotations

from typing import Final

import msgspec

from jobs.filtering import JobFilter
from jobs.inspection.cursors import Cursor, write_cursor
from jobs.inspection.sources import Source, choose
from jobs.redaction import Redactor
from jobs.states import State
from jobs.store.browser import Row
from jobs.store.reader import Place
from jobs.store.store import Store

NEWEST: Final = 50  # as many as a page of the list has
MOST_RECORDS: Final = 2000  # that are looked at, where a state has no index of its own
BATCH: Final = 500


class Line(msgspec.Struct, frozen=True):
    """A job of a list, where it stands, and how many entries were looked at until it was found."""

    row: Row
    place: Place
    looked: int


class Latest(msgspec.Struct, frozen=True):
    """The first page of the jobs that a filter means; `goes_on` where more may follow."""

    wanted: JobFilter
    source: str
    lines: list[Line]
    goes_on: bool

    def cursor(self, count: int, redactor: Redactor | None) -> str | None:
        """Where the page after `count` lines begins, for whom a redactor hides fields; None after the last one."""
        if not count or (count == len(self.lines) and not self.goes_on):
            return None
        line = self.lines[count - 1]
        place = Cursor(self.source, line.place.score, line.place.id, line.looked)
        return write_cursor(place, self.wanted.seen_through(redactor))


def latest(store: Store, state: State | None) -> Latest:
    """The newest jobs of a state (None: of any), without a look at any payload. Raises StoreError."""
    wanted = JobFilter(states=(state,) if state else ())
    source = choose(store, wanted)
    lines: list[Line] = []
    before, looked, most, ended = None, 0, NEWEST + 1, False
    while len(lines) <= NEWEST and looked < MOST_RECORDS and not ended:
        places = source.walk(store, most, before)
        rows = {row.id: row for row in store.browser.rows([place.id for place in places])}
        for number, place in enumerate(places, looked + 1):
            row = rows.get(place.id)
            if row is not None and _is_in(row, state, source):
                lines.append(Line(row, place, number))
        looked += len(places)
        ended = len(places) < most
        before, most = (places[-1] if places else before), BATCH
    return Latest(wanted, source.name, lines[:NEWEST], len(lines) > NEWEST or not ended)


def _is_in(row: Row, state: State | None, source: Source) -> bool:
    """Whether a job is in a state. Where it stands is all that is known of an unreadable one."""
    if state is None:
        return True
    return row.record.state is state if row.record else source.name == state.label
