"""Keeps what an Idempotency-Key led to in the partition that the key says."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.store.markers import Markers
from jobs.store.producer import Marker

from .spread import Spread, grouped


class SpreadMarkers(Markers):
    """`Markers` over all partitions."""

    def __init__(self, spread: Spread) -> None:
        self._spread = spread

    def keep(self, marker: Marker, value: str) -> str:
        """The value that was kept first for this marker, see Markers."""
        return self._spread.ask(self._spread.of_key(marker.place), lambda part: part.markers.keep(marker, value))

    def keep_all(self, markers: Sequence[Marker], value: str) -> list[str]:
        """Do what `keep` does for several markers, in one round trip a partition."""
        kept: dict[Marker, str] = {}
        for place, some in grouped(markers, lambda marker: self._spread.of_key(marker.place)).items():
            values = self._spread.ask(place, lambda part, some=some: part.markers.keep_all(some, value))  # type: ignore[misc]
            kept.update(zip(some, values, strict=True))
        return [kept[marker] for marker in markers]

    def find(self, marker: Marker) -> str | None:
        """The value that is kept for this marker; None without one."""
        return self._spread.ask(self._spread.of_key(marker.place), lambda part: part.markers.find(marker))

    def drop(self, marker: Marker) -> None:
        """Forget a request that came to nothing, so that its key can be used again."""
        self._spread.ask(self._spread.of_key(marker.place), lambda part: part.markers.drop(marker))
