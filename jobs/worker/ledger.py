"""All jobs in this worker's hands."""

from __future__ import annotations

from collections.abc import Iterable

from .held import Held


class Ledger:
    """Every job from its claim until the store has acknowledged what became of it. Safe for threads."""

    def __init__(self) -> None:
        self._held: set[Held] = set()

    def open(self, jobs: Iterable[Held]) -> None:
        """These were claimed."""
        self._held.update(jobs)

    def close(self, held: Held) -> None:
        """The store has acknowledged what became of this one."""
        self._held.discard(held)

    def all(self) -> list[Held]:
        """All of them, in no order."""
        return list(self._held)

    def find(self, job_id: str) -> list[Held]:
        """Those with this id: two, where a lease was lost and the job claimed again."""
        return [held for held in self.all() if held.claim.id == job_id]

    def __len__(self) -> int:
        return len(self._held)
