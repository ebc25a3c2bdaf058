"""What a scaler sees of the whole installation at one instant."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from jobs.store.glance import Figures
from jobs.store.registry import Seen


class Surroundings(msgspec.Struct, frozen=True):
    """The whole installation, looked at once for all pools.

    `said` are the pools that a living supervisor speaks for, and the queues which it says that they serve.
    """

    figures: Figures
    workers: list[Seen]
    said: Mapping[str, frozenset[str]] = {}

    @property
    def at(self) -> float:
        """Seconds since 1970, by the store's clock."""
        return self.figures.now_ms / 1000

    def of(self, pool: str) -> list[Seen]:
        """The workers of a pool that live."""
        return [seen for seen in self.workers if seen.alive and seen.info.pool == pool]

    def pools(self) -> set[str]:
        """The pools with a worker or a supervisor that lives."""
        return {seen.info.pool for seen in self.workers if seen.alive} | self.said.keys()

    def queues_of(self, pool: str) -> frozenset[str]:
        """The queues of a pool by what its workers and supervisors say; none where neither says any."""
        served = {queue for seen in self.of(pool) for queue in seen.info.queues}
        return self.said.get(pool, frozenset()) | served
