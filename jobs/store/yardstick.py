"""What bulk operations are measured by: stamps, ranges of indexes, and what has completed."""

from __future__ import annotations

from collections.abc import Sequence

from . import tables
from .client import Client
from .keys import Keys


class Yardstick:
    """Reads for bulk operations."""

    def __init__(self, client: Client, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    def stamp(self) -> int:
        """The last stamp that was given."""
        return tables.number(self._client.call("GET", self._keys.stamp))

    def made(self, ids: Sequence[str]) -> list[float | None]:
        """The stamps with which jobs were made; None for those that are gone."""
        stamps = self._client.call("ZMSCORE", self._keys.created, *ids) if ids else []
        return [None if stamp is None else float(stamp) for stamp in stamps]

    def between(self, indexes: Sequence[str], low: str, high: str | int) -> int:
        """How many entries the indexes have together with scores from `low` to `high`."""
        sizes: list[int] = self._client.pipeline([("ZCOUNT", index, low, high) for index in indexes])
        return sum(sizes)

    def completed(self, types: Sequence[str]) -> dict[str, int]:
        """How many jobs of some types have completed since the installation began."""
        counts = self._client.call("HMGET", self._keys.types, *(f"{each}|completed" for each in types))
        return {each: tables.number(count) for each, count in zip(types, counts, strict=True)}
