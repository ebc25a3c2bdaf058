"""Lists and searches: a bounded look at one index a step, with a cursor to go on from."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated, Final

from jobs.filtering import JobFilter
from jobs.redaction import Redactor
from jobs.store.browser import Head, Row, batches
from jobs.store.reader import Place
from jobs.store.store import Store
from jobs.types import Envelope

from .cursors import Cursor, read_cursor, write_cursor
from .items import JobItem, item_of
from .masking import masked_line, masked_lines
from .sources import Source, choose, named
from .wire import Merged, Time, Wire, about, time_of

MOST_RECORDS: Final = 2000  # a step
MOST_SEARCHED: Final = 10_000  # a step that reads what jobs carry, as far as it comes within SEARCH_SECONDS
SEARCH_SECONDS: Final = 0.09
MOST_BYTES: Final = 32 * 1024 * 1024  # of bodies a step
MOST_MASKED_BYTES: Final = 8 * 1024 * 1024  # where each of them may have to be masked
BATCH: Final = 500
FEWEST: Final = 100
HEAD_BYTES: Final = 1024
IN_ENVELOPES: Final = {"tags", "text"}  # criteria that a record cannot tell


class Searched(Wire, frozen=True):
    """How far a list has looked."""

    count: Annotated[int, about("How many entries were looked at, those of the pages before included")]
    of: Annotated[int, about("How many there are to look at")]
    oldest: Annotated[Time | None, about("The time of the last one; null before the first")]
    complete: Annotated[bool, about("There is no more to look at")]


class Page(Merged, frozen=True, kw_only=True):
    """One step of a list. It may have few items, or none, and still go on at `nextCursor`."""

    items: Annotated[list[JobItem], about("The jobs that were found")]
    next_cursor: Annotated[str | None, about("Where the next page begins; null after the last one")]
    searched: Annotated[Searched, about("How far the list has looked")]


class Search:
    """One step through the jobs that match a filter, latest first."""

    def __init__(
        self, store: Store, wanted: JobFilter, limit: int, cursor: str = "", redactor: Redactor | None = None
    ) -> None:
        """`limit`: most items; what a redactor hides is neither shown nor found.

        Raises InvalidJob for a cursor that is not from the same filter.
        """
        self._store = store
        self._redactor = redactor
        self._wanted = wanted = wanted.seen_through(redactor)
        self._matches_envelope = wanted.envelope_look()
        self._asks_records = bool(wanted.criteria - IN_ENVELOPES)
        self._limit = limit
        self._items: list[JobItem] = []
        self._batch = min(max(2 * limit, FEWEST), BATCH)
        self._most = MOST_SEARCHED if wanted.needs_envelope else MOST_RECORDS
        self._bytes = 0
        self._looked = 0
        self._place: Place | None = None
        self._before = 0
        self._name = ""
        if cursor:
            start = read_cursor(cursor, wanted)
            self._name, self._place, self._before = start.source, start.place, start.count

    def page(self) -> Page:
        """Take the step."""
        source = named(self._store, self._wanted, self._name) if self._name else choose(self._store, self._wanted)
        complete = self._walk(source)
        count = self._before + self._looked
        last = self._place
        searched = Searched(
            count=count,
            of=max(count, source.size(self._store)),
            oldest=time_of(source.instant_ms(last.score)) if last else None,
            complete=complete,
        )
        going_on = None if complete or last is None else Cursor(source.name, last.score, last.id, count)
        text = write_cursor(going_on, self._wanted) if going_on else None
        return Page(items=self._items, next_cursor=text, searched=searched)

    def _walk(self, source: Source) -> bool:
        """Look at entries until the step is over; True when there are no more."""
        until = time.monotonic() + SEARCH_SECONDS
        while self._has_room and (self._looked < MOST_RECORDS or time.monotonic() < until):
            step = self._most if self._looked >= MOST_RECORDS else MOST_RECORDS
            most = min(self._batch, step - self._looked)
            self._batch = min(2 * self._batch, BATCH)  # where little is found, most of the next is looked at too
            places = source.walk(self._store, most, self._place)
            if not self._look(source, places):
                return False
            if len(places) < most:
                return True
        return False

    @property
    def _has_room(self) -> bool:
        return len(self._items) < self._limit and self._looked < self._most

    def _look(self, source: Source, places: list[Place]) -> bool:
        """Look at entries in order; False when the step ended before the last one."""
        rows = self._store.browser.rows([place.id for place in places])
        candidates = [row for row in rows if self._may_match(source, row)]
        expected = {row.id for row in candidates}
        outcomes = self._outcomes(candidates)
        for place in places:
            if len(self._items) >= self._limit:
                return False
            if place.id in expected:
                try:
                    item = next(outcomes)
                except StopIteration:
                    return False
                if item is not None:
                    self._items.append(item)
            self._place = place
            self._looked += 1
        return True

    def _may_match(self, source: Source, row: Row) -> bool:
        if row.record is not None:
            return not self._asks_records or self._wanted.matches_record(row.id, row.record)
        # Where it stands, and its id, are all that is known of an unreadable one.
        wanted = self._wanted
        in_state = {state.label for state in wanted.states} in (set(), {source.name})
        is_meant = row.id.startswith(wanted.text) and (not wanted.ids or row.id in wanted.ids)
        return in_state and is_meant and not wanted.criteria - {"states", "text", "ids"}

    def _outcomes(self, rows: list[Row]) -> Iterator[JobItem | None]:
        """The line of each row, or None where it does not match after all; ends early when the step has read enough."""
        most = MOST_MASKED_BYTES if self._redactor and self._wanted.needs_envelope else MOST_BYTES
        for batch in batches(rows):
            if self._bytes >= most:
                return
            if self._wanted.needs_envelope:
                envelopes = self._store.reader.envelopes([row.id for row in batch])
                self._bytes += sum(len(envelope.payload) for envelope in envelopes if envelope)
                yield from map(self._line, batch, envelopes)
                continue
            self._bytes += sum(row.record.size for row in batch if row.record)
            if self._redactor is not None:
                yield from (item_of(*line) for line in masked_lines(self._store, self._redactor, batch))
            else:
                heads = self._store.browser.heads(batch)
                yield from (item_of(row, heads.get(row.id)) for row in batch)

    def _line(self, row: Row, envelope: Envelope | None) -> JobItem | None:
        if row.record is None:
            return item_of(row, None)
        if not self._matches_envelope(row.id, row.record, envelope):
            return None
        if self._redactor is not None:
            return item_of(*masked_line(self._redactor, row, envelope.payload if envelope else None))
        head = Head(envelope.payload[:HEAD_BYTES], len(envelope.payload)) if envelope else None
        return item_of(row, head)
