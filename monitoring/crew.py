"""All live workers together: how many there are, and how much of what is active they can be running."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import msgspec

from jobs.store.registry import Seen


class Crew(msgspec.Struct, frozen=True):
    """`alive` workers with `slots`, of which `busy` were at their last heartbeats.

    Of the active jobs at most one a slot is `running`. The others are `waiting` in a worker's hands: claimed ahead,
    or by a worker that was lost.
    """

    alive: int
    busy: int
    slots: int
    running: int
    waiting: int

    @classmethod
    def of(cls, workers: Iterable[Seen], active: int) -> Self:
        """The crew, where `active` jobs are."""
        alive = [seen.info for seen in workers if seen.alive]
        slots = sum(info.concurrency for info in alive)
        busy = sum(info.busy for info in alive)
        return cls(len(alive), busy, slots, min(active, slots), max(0, active - slots))
