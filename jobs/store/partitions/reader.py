"""Reads for people over all partitions."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

from jobs.filtering import JobFilter
from jobs.states import State
from jobs.store.reader import Group, Place, Reader, StoredJob
from jobs.types import Envelope, JobRecord

from .spread import Spread, by_name, summed

MOST_TYPES = 20  # of a group's jobs that are named


class SpreadReader(Reader):
    """A `Reader` over all partitions. An index is one partition's; what stands in several is put in order here."""

    def __init__(self, spread: Spread) -> None:
        self._spread = spread
        self.offset_ms = spread.home.offset_ms

    def now_ms(self) -> int:
        """The time of the first partition's server."""
        return self._spread.home.reader.now_ms()

    def job(self, job_id: str) -> StoredJob:
        """Everything about one job. Raises JobNotFound."""
        return self._spread.ask(self._spread.of(job_id), lambda part: part.reader.job(job_id))

    def records(self, ids: Sequence[str]) -> list[JobRecord | None]:
        """The records of some jobs; None where gone or unreadable."""
        return self._spread.by_id(ids, lambda part, some: part.reader.records(some))

    def envelopes(self, ids: Sequence[str]) -> list[Envelope | None]:
        """The envelopes of some jobs; None where gone or unreadable."""
        return self._spread.by_id(ids, lambda part, some: part.reader.envelopes(some))

    def indexes(self, state: State | None, wanted: JobFilter | None = None) -> list[str]:
        """The keys of the smallest indexes that hold all jobs of a state that can match a filter."""
        return _joined(self._spread.everywhere(lambda part: part.reader.indexes(state, wanted)))

    def pending_indexes(self, queues: Sequence[str], types: Sequence[str] = ()) -> list[str]:
        """The keys of the indexes that hold all pending jobs of some queues, and of some types where they are named."""
        return _joined(self._spread.everywhere(lambda part: part.reader.pending_indexes(queues, types)))

    def walk(
        self, indexes: Sequence[str], most: int, *, before: Place | None = None, up_to: float | None = None
    ) -> list[Place]:
        """At most `most` places in any of the indexes, highest first, below `before`, at most `up_to`."""
        found = self._spread.of_indexes(
            indexes, lambda part, some: part.reader.walk(some, most, before=before, up_to=up_to)
        )  # fmt: skip
        return heapq.nlargest(most, {place for places in found for place in places})

    def sizes(self, indexes: Sequence[str]) -> int:
        """How many entries the indexes have together."""
        return sum(self._spread.of_indexes(indexes, lambda part, some: part.reader.sizes(some)))

    def queue_names(self) -> list[str]:
        """All queues that ever had a job, sorted; `default` always."""
        return sorted(set(_joined(self._spread.everywhere(lambda part: part.reader.queue_names()))))

    def paused(self) -> dict[str, int]:
        """Paused queues and since when (ms), in the partition that was paused first."""
        found = by_name(self._spread.everywhere(lambda part: part.reader.paused()))
        return {name: min(since) for name, since in found.items()}

    def state_counts(self) -> dict[str, int]:
        """Jobs a state, by wire word, from the indexes."""
        return summed(self._spread.everywhere(lambda part: part.reader.state_counts()))

    def totals(self) -> dict[str, int]:
        """The counters since the installation began."""
        return summed(self._spread.everywhere(lambda part: part.reader.totals()))

    def gauges(self) -> dict[str, int]:
        """`<queue>|<state>` counts and retained_bytes."""
        return summed(self._spread.everywhere(lambda part: part.reader.gauges()))

    def types(self) -> dict[str, dict[str, int]]:
        """Per type: completed, failed, ms."""
        found = by_name(self._spread.everywhere(lambda part: part.reader.types()))
        return {name: summed(tables) for name, tables in found.items()}

    def groups(self) -> dict[str, Group]:
        """Dead-letter groups by fingerprint."""
        found = by_name(self._spread.everywhere(lambda part: part.reader.groups()))
        return {name: _group(groups) for name, groups in found.items()}

    def series(self, buckets: int, current: int | None = None) -> list[dict[str, int]]:
        """The last `buckets` ten-second buckets, oldest first, the current one, or that with this number, last."""
        last = self.now_ms() // 10_000 if current is None else current
        lines = self._spread.everywhere(lambda part: part.reader.series(buckets, last))
        return [summed(tables) for tables in zip(*lines, strict=True)]


def _joined(lists: Iterable[Iterable[str]]) -> list[str]:
    return [each for some in lists for each in some]


def _group(groups: Sequence[Group]) -> Group:
    """A group whose jobs lie in several partitions; the latest of them speaks for it."""
    latest = max(groups, key=lambda group: group.last_seen)
    types = dict.fromkeys(name for group in groups for name in group.types)
    return Group(
        count=sum(group.count for group in groups),
        first_seen=min(group.first_seen for group in groups),
        last_seen=latest.last_seen,
        sample_id=latest.sample_id,
        summary=latest.summary,
        types=list(types)[:MOST_TYPES],
    )
