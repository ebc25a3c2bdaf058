"""How the deaths of an error group lie over the last day, over all partitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jobs.store.reader import Group
from jobs.store.trends import Trends

from .spread import Spread


class SpreadTrends(Trends):
    """A `Trends` over all partitions, each of which remembers its own counts."""

    def __init__(self, spread: Spread) -> None:
        self._spread = spread

    def of(self, groups: Mapping[str, Group]) -> list[list[int]]:
        """Deaths an hour in each of some groups by fingerprint, oldest first."""
        found = self._spread.everywhere(lambda part: part.trends.of(groups))
        return [_added(lines) for lines in zip(*found, strict=True)]

    def since(self, instant_ms: int, fingerprints: Sequence[str]) -> list[int]:
        """How many jobs of each group died from an instant on and are still dead; ahead of them, how many in all."""
        return _added(self._spread.everywhere(lambda part: part.trends.since(instant_ms, fingerprints)))


def _added(lines: Sequence[Sequence[int]]) -> list[int]:
    return [sum(counts) for counts in zip(*lines, strict=True)]
