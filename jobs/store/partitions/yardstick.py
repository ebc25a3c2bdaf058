"""What bulk operations are measured by, over all partitions."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.store.yardstick import Yardstick

from .spread import Spread, summed


class SpreadYardstick(Yardstick):
    """A `Yardstick` over all partitions."""

    def __init__(self, spread: Spread) -> None:
        self._spread = spread

    def stamp(self) -> int:
        """The highest of the last stamps that were given."""
        return max(self._spread.everywhere(lambda part: part.yardstick.stamp()))

    def made(self, ids: Sequence[str]) -> list[float | None]:
        """The stamps with which jobs were made; None for those that are gone."""
        return self._spread.by_id(ids, lambda part, some: part.yardstick.made(some))

    def between(self, indexes: Sequence[str], low: str, high: str | int) -> int:
        """How many entries the indexes have together with scores from `low` to `high`."""
        return sum(self._spread.of_indexes(indexes, lambda part, some: part.yardstick.between(some, low, high)))

    def completed(self, types: Sequence[str]) -> dict[str, int]:
        """How many jobs of some types have completed since the installation began."""
        return summed(self._spread.everywhere(lambda part: part.yardstick.completed(types)))
