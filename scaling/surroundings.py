"""What a scaler sees of the whole installation at one instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from jobs.store.glance import Figures
from jobs.store.registry import Seen


class Surroundings(msgspec.Struct, frozen=True):
    """The whole installation, looked at once for all pools.

    `served` are the pools with a worker or a supervisor that lives, and the queues which these say that they serve.
    """

    figures: Figures
    workers: Sequence[Seen]
    served: Mapping[str, frozenset[str]] = {}

    @staticmethod
    def of_all(figures: Figures, workers: Sequence[Seen], said: Mapping[str, frozenset[str]]) -> Surroundings:
        """The installation by its figures, its workers, and the queues that supervisors say their pools serve."""
        served = {pool: set(queues) for pool, queues in said.items()}
        for seen in workers:
            if seen.alive:
                served.setdefault(seen.info.pool, set()).update(seen.info.queues)
        return Surroundings(figures, workers, {pool: frozenset(queues) for pool, queues in served.items()})

    @property
    def at(self) -> float:
        """Seconds since 1970, by the store's clock."""
        return self.figures.now_ms / 1000

    def of(self, pool: str) -> list[Seen]:
        """The workers of a pool that live."""
        return [seen for seen in self.workers if seen.alive and seen.info.pool == pool]

    def pools(self) -> set[str]:
        """The pools with a worker or a supervisor that lives."""
        return set(self.served)

    def parts(self, pool: str, queues: Iterable[str]) -> dict[str, int]:
        """Among how many pools that live each of the queues of this one is divided: itself, and those that serve it."""
        others = [served for name, served in self.served.items() if name != pool]
        return {queue: 1 + sum(queue in served for served in others) for queue in queues}
