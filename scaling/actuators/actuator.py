"""What every actuator is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

import msgspec

from jobs.store.registry import Seen


class Bar(msgspec.Struct, frozen=True):
    """Why nothing may be carried out now, in a sentence: somebody else owns the pool, or what would have to be asked
    does not answer (`is_trouble`)."""

    why: str
    is_trouble: bool = False


class Actuator(Protocol):
    """Carries decisions out in two steps, so that a count in the store changes together with the record."""

    name: ClassVar[str]
    unit: int
    """Workers come and go in multiples of so many."""
    obeys_within: float
    """Seconds after which a pool that does not follow is no more believed to be about to."""

    @property
    def flaw(self) -> str:
        """What could not be done as it should when the last count was followed, in sentences; "" where nothing."""
        ...

    def bar(self, now: float) -> Bar | None:
        """What stands against acting now (s since 1970); None: nothing. Never raises, takes a few seconds at most."""
        ...

    def desired(self, workers: int) -> int | None:
        """The desired count of the pool that goes into the store with the decision; None leaves it as it is."""
        ...

    def follow(self, desired: int, alive: Sequence[Seen]) -> None:
        """Do what is to be done outside of the store for the count that stands there, once it does. `alive` are the
        pool's workers. Called at every evaluation, and so often for the same count; never raises."""
        ...
