"""The front door of an installation over several partitions."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.conf import Config
from jobs.store.consumer import Consumer
from jobs.store.store import Store

from .operator import SpreadOperator
from .producer import SpreadProducer
from .reader import SpreadReader
from .spread import Spread


class SpreadStore(Store):
    """A `Store` whose parts ask all partitions. `client` and `keys` are those of the first one."""

    def __init__(self, parts: Sequence[Store], config: Config) -> None:
        home = parts[0]
        super().__init__(home.client, config, home.offset_ms, home.keys.prefix)
        self._parts = tuple(parts)
        spread = Spread(parts)
        self.producer = SpreadProducer(spread)
        self.operator = SpreadOperator(spread)
        self.reader = SpreadReader(spread)

    @property
    def parts(self) -> tuple[Store, ...]:
        """The stores of its partitions, in order."""
        return self._parts

    def consumer(self, worker: str, incarnation: str, name: str) -> Consumer:
        """Raises TypeError: claims and their ends are a partition's."""
        raise TypeError("a consumer belongs to one partition: ask one of `parts` for it")

    def close(self) -> None:
        """Drops the pooled connections."""
        for part in self._parts:
            part.close()
