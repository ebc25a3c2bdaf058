"""Goes through the jobs of a bulk operation: those that match its filter and were there when it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from jobs.states import SETTLED, State
from jobs.store.keeper import Entry
from jobs.store.operation import Action, Cursor, Operation
from jobs.store.reader import Place
from jobs.store.store import Store
from jobs.types import JobRecord

from .batching import in_batches


class Found(msgspec.Struct, frozen=True):
    """A job that is meant. `record` None: it is there but unreadable. `cursor` goes on behind it."""

    id: str
    record: JobRecord | None
    cursor: Cursor


class Page(msgspec.Struct, frozen=True):
    """Jobs that are meant, `missed` ids that were given and are not, where to go on, and whether that is the end."""

    found: list[Found]
    missed: list[str]
    after: Cursor
    end: bool


class Walk:
    """The frozen set of one operation, a page at a time, from the oldest place of each index upwards.

    Ids are not copied: what was there is told by the cut-off stamp. What is acted on leaves its index; what refuses
    lies below the cursor and is not met again. A tag's index, in order of creation, holds jobs of any state: each is
    met once.
    """

    def __init__(self, store: Store, operation: Operation) -> None:
        self._store = store
        self._operation = operation
        self._given = store.operations.given_ids(operation.id) if operation.given else ()
        self._tagged = [] if self._given else store.operations.tag_indexes(operation)
        self._indexes: list[tuple[State | None, str]] = [(None, key) for key in self._tagged]
        if not self._given and not self._tagged:
            self._indexes += store.operations.indexes(operation)

    def page(self, cursor: Cursor, most: int) -> Page:
        """The jobs among the next `most` entries behind `cursor`."""
        return self._page_of_given(cursor, most) if self._operation.given else self._page_of_index(cursor, most)

    def _page_of_given(self, cursor: Cursor, most: int) -> Page:
        start = int(cursor.score)
        ids = self._given[start : start + most]
        cursors = {job_id: Cursor("", start + count) for count, job_id in enumerate(ids, 1)}
        rows = [(job_id, record) for job_id, record in zip(ids, self._store.reader.records(ids), strict=True) if record]
        meant = {job_id: record for job_id, record in self._meant(rows) if record.state in self._operation.states}
        found = [Found(job_id, meant[job_id], cursors[job_id]) for job_id in ids if job_id in meant]
        end = start + len(ids) >= len(self._given)
        return Page(found, [each for each in ids if each not in meant], Cursor("", start + len(ids)), end)

    def _page_of_index(self, cursor: Cursor, most: int) -> Page:
        at = next((at for at, pair in enumerate(self._indexes) if pair[1] == cursor.index), -1)
        after = Place(cursor.score, cursor.id) if at >= 0 and cursor.id else None
        if not self._indexes:
            return Page([], [], cursor, end=True)
        at = max(at, 0)
        state, index = self._indexes[at]
        up_to = self._operation.cutoff if state is None or state in SETTLED else None
        entries = self._store.keeper.page(index, most, after=after, up_to=up_to)
        found = [
            Found(entry.id, entry.record, Cursor(index, entry.place.score, entry.id))
            for entry in self._of(state, index, entries)
        ]
        if len(entries) == most:
            return Page(found, [], Cursor(index, entries[-1].place.score, entries[-1].id), end=False)
        if not self._tagged and at + 1 == len(self._indexes):  # a type that was paused meanwhile has an index more
            known = self._store.operations.indexes(self._operation)
            self._indexes += [pair for pair in known if pair not in self._indexes]
        last = at + 1 == len(self._indexes)
        return Page(found, [], cursor if last else Cursor(self._indexes[at + 1][1]), end=last)

    def _of(self, state: State | None, index: str, entries: Sequence[Entry]) -> Iterator[Entry]:
        belongs = self._first_met_in(index) if state is None else lambda _, record: record.state is state
        meant = dict(self._meant([(e.id, e.record) for e in entries if e.record and belongs(e.id, e.record)]))
        for entry in entries:
            if entry.id in meant or (entry.record is None and entry.packed and self._takes_unreadable()):
                yield entry

    def _first_met_in(self, index: str) -> Callable[[str, JobRecord], bool]:
        """Whether a job in a tag's index is in a state that counts, and in none of the indexes before."""
        before = frozenset(self._tagged[: self._tagged.index(index)])
        indexes = self._store.tag_index.indexes_of
        return lambda job_id, record: (
            record.state in self._operation.states and before.isdisjoint(indexes(job_id, record.tags) if before else ())
        )

    def _takes_unreadable(self) -> bool:
        """Nothing is known of an unreadable job, so only who deletes everything means it too."""
        return self._operation.action is Action.DELETE and self._operation.filter.criteria <= {"states"}

    def _meant(self, rows: Sequence[tuple[str, JobRecord]]) -> Iterator[tuple[str, JobRecord]]:
        wanted = self._operation.filter
        rows = [row for row in rows if wanted.matches_record(*row)]
        if wanted.needs_envelope:
            rows = [row for batch in in_batches(rows, lambda row: row[1].size) for row in self._matching(batch)]
        yield from self._store.operations.were_there(self._operation, rows)

    def _matching(self, rows: list[tuple[str, JobRecord]]) -> Iterator[tuple[str, JobRecord]]:
        envelopes = self._store.reader.envelopes([job_id for job_id, _ in rows])
        for (job_id, record), envelope in zip(rows, envelopes, strict=True):
            if self._operation.filter.matches(job_id, record, envelope):
                yield job_id, record
