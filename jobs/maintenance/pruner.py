"""Removes what retention no longer keeps: finished jobs by age, number and bytes; dead ones beyond their cap."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final

from jobs.logs import get_logger
from jobs.states import State
from jobs.store.codes import MoveCode
from jobs.store.keeper import Entry
from jobs.store.reader import Place
from jobs.store.store import Store
from jobs.store.tables import is_foreign
from jobs.types import DEFAULT_RETENTION, JobRecord

from .apart import Apart
from .duty import AT_ONCE, Duty, Result
from .leadership import Leadership

log = get_logger(__name__)
NAME: Final = "pruner"
BATCH: Final = 250
RUN_SECONDS: Final = 0.4
FINISHED: Final = (State.COMPLETED, State.CANCELLED)
Step = tuple[int, bool]  # jobs removed, and whether there is more to look at


class Pruner(Duty):
    """Goes through the rules one after the other, a batch at a time.

    Jobs with a retention of their own are found by the index `expiring`; age passes them over once and for all, so it
    remembers how far it has come.
    """

    def __init__(self, store: Store, leadership: Leadership) -> None:
        self._store = store
        self._keeper = store.keeper
        self._config = store.config
        self._leadership = leadership
        self._index = store.keys.of_state
        self._apart = Apart(NAME)
        self._passed: dict[State, Place] = {}

    def run_once(self) -> Result:
        """Prune for at most half a second."""
        until = time.monotonic() + RUN_SECONDS
        done = 0
        for rule in (self._own_retention, self._age, self._caps, self._dead_cap):
            more = True
            while more:
                if time.monotonic() > until:
                    return Result(done, AT_ONCE)
                removed, more = self._apart.run(rule.__name__.strip("_"), rule, (0, False))
                done += removed
        return Result(done)

    def _own_retention(self) -> Step:
        due = self._keeper.expired_retention(BATCH)
        ghosts = [stray for stray in due.unreadable if not stray[1] or is_foreign(stray[0])]
        gone = 0
        if ghosts:
            token = self._leadership.token
            gone = self._keeper.quarantine(NAME, token, self._store.keys.expiring, ghosts, bury=False)
        removed = self._remove([*due.jobs, *((stray[0], None) for stray in due.unreadable if stray not in ghosts)])
        return removed, removed + gone > 0

    def _age(self) -> Step:
        cutoff = (self._store.reader.now_ms() - self._config.retention_seconds * 1000) * 1000
        removed, more = 0, False
        for state in FINISHED:
            page = self._keeper.page(self._index(state), BATCH, after=self._passed.get(state), up_to=cutoff)
            removed += self._discard(
                state, [entry for entry in page if not entry.record or entry.record.retention == DEFAULT_RETENTION]
            )
            if page:
                self._passed[state] = page[-1].place
            more = more or len(page) == BATCH
        return removed, more

    def _caps(self) -> Step:
        reader, config = self._store.reader, self._config
        jobs = reader.sizes([self._index(state) for state in FINISHED]) - config.retention_max
        size = reader.gauges().get("retained_bytes", 0) - config.retention_max_bytes
        if jobs <= 0 and size <= 0:
            return 0, False
        oldest = [
            (entry.place, state, entry) for state in FINISHED for entry in self._keeper.page(self._index(state), BATCH)
        ]
        doomed: dict[State, list[Entry]] = {state: [] for state in FINISHED}
        for _, state, entry in sorted(oldest, key=lambda row: row[0])[:BATCH]:
            if jobs <= 0 and size <= 0:
                break
            doomed[state].append(entry)
            jobs -= 1
            size -= entry.record.size if entry.record else 0
        removed = sum(self._discard(state, entries) for state, entries in doomed.items())
        return removed, removed > 0

    def _dead_cap(self) -> Step:
        index, most = self._index(State.DEAD), self._config.dlq_max
        excess = self._store.reader.sizes([index]) - most if most else 0
        if excess <= 0:
            return 0, False
        removed = self._discard(State.DEAD, self._keeper.page(index, min(excess, BATCH)))
        if removed:
            log.warning("the dead-letter queue is over its cap, the oldest jobs were pruned", jobs=removed, cap=most)
        return removed, removed > 0

    def _discard(self, state: State, entries: list[Entry]) -> int:
        """Remove entries of a state's index, also those whose record is missing."""
        ghosts = [(entry.id, entry.packed) for entry in entries if not entry.packed or is_foreign(entry.id)]
        gone = 0
        if ghosts:
            gone = self._keeper.quarantine(NAME, self._leadership.token, self._index(state), ghosts, bury=False)
        others = (entry for entry in entries if (entry.id, entry.packed) not in ghosts)
        return gone + self._remove((entry.id, entry.record) for entry in others)

    def _remove(self, jobs: Iterable[tuple[str, JobRecord | None]]) -> int:
        groups: dict[State | None, list[str]] = {}
        for job_id, record in jobs:
            groups.setdefault(record.state if record else None, []).append(job_id)
        removed = 0
        for state, ids in groups.items():
            answers = self._store.operator.delete(
                ids, seen_in=state, counter="pruned", duty=NAME, token=self._leadership.token
            )
            removed += sum(answer.code is MoveCode.DONE for answer in answers)
        return removed
