"""What every actuator is."""

from __future__ import annotations

from typing import ClassVar, Protocol


class Actuator(Protocol):
    """Carries a decision out in two steps, so that a count in the store changes together with the record."""

    name: ClassVar[str]

    def desired(self, workers: int) -> int | None:
        """The desired count of the pool that goes into the store with the decision; None leaves it as it is."""
        ...

    def act(self, pool: str, workers: int) -> None:
        """Do what is to be done outside of the store, once the decision is recorded. May be called twice."""
        ...
