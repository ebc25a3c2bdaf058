"""How often a pool has been changed lately."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from scaling.observation import Observation
from scaling.record import Record

BURST, PACE = 0.15, 0.75
"""The parts of an hour's changes that may come at once, and in each hour besides. What is left is for urgent growth."""
OVERDRAFT = 0.5
"""The part of the burst that urgent growth can take beyond it, and that must be paid back before the pool shrinks."""
EASY = 0.5
"""The part of that burst which costs nothing."""


class Calm(msgspec.Struct, frozen=True):
    """A bucket that each change fills by one, and that empties at a steady pace.

    `spent` is what is in it, `most` what it holds: with `changes` an hour it holds 15 % of them and loses three
    quarters of them an hour, so that what keeps within it makes fewer than `changes` in any hour. `changed` is when
    the pool was changed last, in seconds since 1970; None: not that anybody remembers. What a guard keeps below what
    was proposed is the guard's own change and fills nothing.
    """

    spent: float
    most: float
    changed: float | None = None

    @classmethod
    def of(cls, seen: Observation, record: Record, changes: float, maximum: int) -> Calm:
        """The bucket now, from what the last call kept of it and the step that came of that call.

        `maximum` is the most workers of the pool.
        """
        elapsed = max(seen.at - record.memory.get("at", seen.at), 0.0)
        spent = max(record.memory.get("spent", 0.0) - elapsed * changes * PACE / 3600, 0.0)
        changed = record.memory.get("changed")
        last = record.steps[-1] if record.steps else None
        if last is not None and last.changed and last.observation.at <= seen.at:
            changed = last.observation.at
            spent += last.decided >= min(last.proposed, maximum)
        most = max(changes * BURST, 1.0)
        return cls(min(spent, most * (1 + OVERDRAFT)), most, changed)

    @property
    def strain(self) -> float:
        """0 while half of the bucket is free, 1 once it is full."""
        return min(max((self.spent / self.most - EASY) / (1 - EASY), 0.0), 1.0)

    def quiet(self, now: float) -> float:
        """Seconds since the last change; endless where there was none, or the clock has stepped back."""
        return now - self.changed if self.changed is not None and self.changed <= now else float("inf")

    def memory(self) -> Mapping[str, float]:
        """What the next call finds in its record."""
        return {"spent": self.spent} | ({} if self.changed is None else {"changed": self.changed})
