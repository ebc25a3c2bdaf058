"""The index of tags, over all partitions: each keeps its own."""

from __future__ import annotations

from collections.abc import Iterable

from jobs.store.tag_index import TagIndex

from .spread import Spread


class SpreadTagIndex(TagIndex):
    """A `TagIndex` over all partitions. Its leaders are those of partitions: what they write goes to home's alone."""

    def __init__(self, spread: Spread) -> None:
        super().__init__(spread.home.client, spread.home.keys)
        self._spread = spread

    def since(self) -> int | None:
        """The stamp of creation from which on every job with tags is in an index; None: not all partitions keep one."""
        found = self._spread.everywhere(lambda part: part.tag_index.since())
        kept = [since for since in found if since is not None]
        return max(kept) if len(kept) == len(found) else None

    def covers(self, created_after: int | None) -> bool:
        """Whether all jobs with tags are in the indexes that were made at this instant (ms) or later; None: at all."""
        return all(self._spread.everywhere(lambda part: part.tag_index.covers(created_after)))

    def indexes(self, tags: Iterable[str]) -> list[str]:
        """The keys of the indexes of some tags in all partitions."""
        wanted = list(tags)
        return [index for part in self._spread.parts for index in part.tag_index.indexes(wanted)]

    def indexes_of(self, job_id: str, tags: Iterable[str]) -> list[str]:
        """The keys of the indexes in which a job with some tags stands."""
        return self._spread.of(job_id).tag_index.indexes(tags)
