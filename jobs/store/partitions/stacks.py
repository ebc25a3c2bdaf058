"""Asks workers of all partitions where a job in their hands is."""

from __future__ import annotations

from jobs.store.stacks import StackAnswer, Stacks
from jobs.types import JobRecord

from .spread import Spread


class SpreadStacks(Stacks):
    """A `Stacks` over all partitions: a worker hears and answers in that of the job, its supervisor at home."""

    def __init__(self, spread: Spread) -> None:
        home = spread.home
        self._spread = spread
        self._each = {part: Stacks(part.client, part.keys, (home.client, home.keys)) for part in spread.parts}

    def ask(self, job_id: str, record: JobRecord, seconds: float) -> StackAnswer | None:
        """Where an active job is; None when neither its worker nor its supervisor has answered within `seconds`.

        Raises StoreUnavailable when the store itself does not answer, little later than that.
        """
        part = self._spread.of(job_id)
        return self._spread.ask(part, lambda part: self._each[part].ask(job_id, record, seconds))
