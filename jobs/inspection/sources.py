"""Which index a query walks, from its latest entry to its oldest. The choice is part of the cursor.

A source orders jobs by a key that does not change while they match, so that each one is listed exactly once: a state's
own index for one state, the index of creation for any mixture, that of a tag, whose scores are those of creation, the
indexes of those that are over for a time in which they were over, and active jobs by creation as well, because the
scores of theirs are deadlines that move.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from jobs.filtering import JobFilter
from jobs.states import SETTLED, State
from jobs.store.reader import Place
from jobs.store.store import Store

CREATED: Final = "created"
TAGGED: Final = "tagged"
FINISHED: Final = "finished"
SLACK_US: Final = 1_000_000  # stamps may run ahead of the clock by the length of a burst
MS_SCORES: Final = frozenset({"scheduled", "retrying"})


class Source(msgspec.Struct, frozen=True):
    """Indexes to walk together. `top` and `bottom` bound the scores worth looking at; None: no bound."""

    name: str
    indexes: tuple[str, ...] = ()
    top: float | None = None
    bottom: float | None = None
    places: tuple[Place, ...] | None = None

    def walk(self, store: Store, most: int, before: Place | None) -> list[Place]:
        """At most `most` places below `before`, highest first."""
        if self.places is not None:
            found = [place for place in self.places if before is None or place < before][:most]
        else:
            found = store.reader.walk(self.indexes, most, before=before, up_to=self.top)
        return [place for place in found if self.bottom is None or place.score >= self.bottom]

    def size(self, store: Store) -> int:
        """How many entries there are to look at; one that has several of the tags counts as often."""
        if self.places is not None:
            return len(self.places)
        if self.top is None and self.bottom is None:
            return store.reader.sizes(self.indexes)
        return sum(store.browser.size_between(index, self.bottom, self.top) for index in self.indexes)

    def instant_ms(self, score: float) -> int:
        """The instant that a score stands for."""
        return int(score) if self.name in MS_SCORES else int(score) // 1000


def choose(store: Store, wanted: JobFilter) -> Source:
    """The source with the fewest entries to look at."""
    names = [CREATED]
    if len(wanted.states) == 1:
        names.insert(0, wanted.states[0].label)
    elif _over(wanted):
        names.insert(0, FINISHED)
    if _has_tagged(store, wanted):
        names.insert(0, TAGGED)
    if names[0] != TAGGED and wanted.created_after is None and wanted.created_before is None:
        return named(store, wanted, names[0])  # states never have more entries than there are jobs
    sources = [named(store, wanted, name) for name in names]
    return min(sources, key=lambda source: source.size(store)) if len(sources) > 1 else sources[0]


def is_search(store: Store, wanted: JobFilter) -> bool:
    """Whether jobs have to be looked at one by one, because no index has just those that match."""
    rest = set(wanted.criteria) - {"ids", "states", "finished_after", "finished_before"}
    if wanted.states == (State.DEAD,):
        rest -= {"fingerprints", "types"}
    elif wanted.states == (State.PENDING,):
        rest -= {"queues"}
    if _has_tagged(store, wanted):
        rest -= {"tags", "created_after", "created_before"}
    return bool(rest - ({"created_after", "created_before"} if not wanted.states else set()))


def named(store: Store, wanted: JobFilter, name: str) -> Source:
    """The source of this name, as a cursor remembers it."""
    if name == TAGGED:
        return _tagged(store, wanted)
    if name == FINISHED:
        return _finished(store, wanted, _over(wanted) or SETTLED)
    state = None if name == CREATED else State.from_label(name)
    if state is State.ACTIVE:
        active = store.browser.active()
        if active is not None:
            return Source(name, places=tuple(active))
        state = None  # too many to sort; the index of creation has the same scores
    if state is None:
        indexes = store.reader.indexes(None)
        return Source(CREATED, tuple(indexes), *_bounds(store, indexes, wanted.created_after, wanted.created_before))
    if state not in SETTLED:
        return Source(name, tuple(store.reader.indexes(state, wanted)))
    return _finished(store, wanted, (state,), name)


def _over(wanted: JobFilter) -> tuple[State, ...]:
    """The states whose jobs can match where a time is asked for in which they were over; none where it is not."""
    if wanted.finished_after is None and wanted.finished_before is None:
        return ()
    return tuple(state for state in SETTLED if not wanted.states or state in wanted.states)


def _finished(store: Store, wanted: JobFilter, states: Iterable[State], name: str = FINISHED) -> Source:
    """The indexes of states whose jobs are over, by when they were."""
    indexes = list(dict.fromkeys(index for state in states for index in store.reader.indexes(state, wanted)))
    return Source(name, tuple(indexes), *_bounds(store, indexes, wanted.finished_after, wanted.finished_before))


def _tagged(store: Store, wanted: JobFilter) -> Source:
    """The indexes of the tags, or that of creation, which goes on at the same places, if they are kept no longer."""
    if not _has_tagged(store, wanted):
        return named(store, wanted, CREATED)
    indexes = store.tag_index.indexes(wanted.tags)
    return Source(TAGGED, tuple(indexes), *_bounds(store, indexes, wanted.created_after, wanted.created_before))


def _has_tagged(store: Store, wanted: JobFilter) -> bool:
    """True where the indexes of tags hold all jobs that can match."""
    return bool(wanted.tags) and store.tag_index.covers(wanted.created_after)


def _bounds(
    store: Store, indexes: Sequence[str], after: int | None, before: int | None
) -> tuple[float | None, float | None]:
    """Scores (us) between which instants (ms) lie. A stamp is never behind its instant, and ahead of it only a little,
    unless the server's clock was set back: then there is no upper bound."""
    top = None
    if before is not None:
        latest = store.reader.walk(indexes, 1)
        if not latest or latest[0].score <= store.reader.now_ms() * 1000 + SLACK_US:
            top = before * 1000.0 + SLACK_US
    return top, None if after is None else after * 1000.0
