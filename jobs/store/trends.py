"""How the deaths of an error group lie over the last day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from .client import Client
from .keys import Keys
from .reader import Group, Reader

STEPS: Final = 24
STEP_MS: Final = 3_600_000
EDGE_MS: Final = 60_000
COUNTED_AT_ONCE: Final = 10  # groups, in about a millisecond of the server
MOST_KEPT: Final = 1000


class _Known(msgspec.Struct, frozen=True):
    """The counts of a group, and what they follow from."""

    end_ms: int
    count: int
    last_seen: int
    deaths: Sequence[int]


class Trends:
    """Counts the jobs that died in each of the last 24 hours and are still dead.

    The day ends with the minute, so that counts stay the same until jobs of their group die or leave it: they are kept
    for so long. Safe for threads.
    """

    def __init__(self, client: Client, keys: Keys, reader: Reader) -> None:
        self._client = client
        self._keys = keys
        self._reader = reader
        self._known: dict[str, _Known] = {}

    def of(self, groups: Mapping[str, Group]) -> list[list[int]]:
        """Deaths an hour in each of some groups by fingerprint, oldest first."""
        if not groups:
            return []
        end_ms = -(-self._reader.now_ms() // EDGE_MS) * EDGE_MS
        found = {fingerprint: self._kept(fingerprint, group, end_ms) for fingerprint, group in groups.items()}
        unknown = [fingerprint for fingerprint, deaths in found.items() if deaths is None]
        for fingerprint, deaths in zip(unknown, self._counted(unknown, end_ms), strict=True):
            found[fingerprint] = deaths
            self._keep(fingerprint, _Known(end_ms, groups[fingerprint].count, groups[fingerprint].last_seen, deaths))
        return [list(deaths or ()) for deaths in found.values()]

    def since(self, instant_ms: int, fingerprints: Sequence[str]) -> list[int]:
        """How many jobs of each group died from an instant on and are still dead; ahead of them, how many in all."""
        indexes = (self._keys.dlq, *(self._keys.dlq_of_error(fingerprint) for fingerprint in fingerprints))
        return list(self._client.pipeline([("ZCOUNT", index, instant_ms * 1000, "+inf") for index in indexes]))

    def _kept(self, fingerprint: str, group: Group, end_ms: int) -> Sequence[int] | None:
        known = self._known.get(fingerprint)
        if known is None or (known.end_ms, known.count, known.last_seen) != (end_ms, group.count, group.last_seen):
            return None
        return known.deaths

    def _keep(self, fingerprint: str, known: _Known) -> None:
        if len(self._known) >= MOST_KEPT:
            self._known = {}
        self._known[fingerprint] = known

    def _counted(self, fingerprints: Sequence[str], end_ms: int) -> list[list[int]]:
        indexes = [self._keys.dlq_of_error(fingerprint) for fingerprint in fingerprints]
        edges = [(end_ms - STEP_MS * back) * 1000 for back in range(STEPS, -1, -1)]
        pieces = [indexes[start : start + COUNTED_AT_ONCE] for start in range(0, len(indexes), COUNTED_AT_ONCE)]
        replies = self._client.run_all([("trends", piece, edges) for piece in pieces]) if pieces else []
        return [deaths for reply in replies for deaths in reply]
