"""Which partitions of a store are found to be away while the outbox is gone through."""

from __future__ import annotations

from collections.abc import Iterable

from jobs.errors import StoreError
from jobs.partitioning import partition_of_id
from jobs.store.store import Store


class Losses:
    """Of one store, during one pass. `failure`: the first one."""

    def __init__(self, store: Store) -> None:
        self._parts = store.parts
        self._away: set[int] = set()
        self.failure: StoreError | None = None

    def note(self, error: StoreError, place: int = 0) -> None:
        """Note a failure, of all partitions on its server; one that names none is that of `place`. Raises it where no
        partition is left."""
        self.failure = self.failure or error
        lost = self._parts[place if error.partition is None else error.partition]
        self._away.update(at for at, part in enumerate(self._parts) if part.client is lost.client)
        if len(self._away) == len(self._parts):
            raise error

    def hold(self, job_id: str) -> bool:
        """Whether a job belongs to one of them."""
        return self.place(job_id) in self._away

    def hold_any(self, places: Iterable[int]) -> bool:
        """Whether one of these is among them."""
        return not self._away.isdisjoint(places)

    def place(self, job_id: str) -> int:
        """The partition of a job."""
        return partition_of_id(job_id, len(self._parts))
