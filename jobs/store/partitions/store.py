"""The front door of an installation over several partitions."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.conf import Config
from jobs.errors import StoreError
from jobs.store.absent import AbsentClient
from jobs.store.consumer import Consumer
from jobs.store.operations import Operations
from jobs.store.store import Store

from .browser import SpreadBrowser
from .glance import SpreadGlance
from .keeper import SpreadKeeper
from .markers import SpreadMarkers
from .metrics import SpreadMetrics
from .operator import SpreadOperator
from .producer import SpreadProducer
from .reader import SpreadReader
from .sampler import SpreadSampler
from .scaling import SpreadScaling
from .spread import Spread
from .stacks import SpreadStacks
from .tag_index import SpreadTagIndex
from .trends import SpreadTrends
from .triage import SpreadTriage
from .type_pauses import SpreadTypePauses
from .yardstick import SpreadYardstick


class SpreadStore(Store):
    """A `Store` whose parts ask all partitions. `client` and `keys` are those of the first one."""

    def __init__(self, parts: Sequence[Store], config: Config) -> None:
        home = parts[0]
        super().__init__(home.client, config, home.offset_ms, home.keys.prefix)
        self._parts = tuple(parts)
        self._spread = spread = Spread(parts)
        self.markers = markers = SpreadMarkers(spread)
        self.producer = SpreadProducer(spread, markers)
        self.operator = SpreadOperator(spread)
        reader, tag_index = SpreadReader(spread), SpreadTagIndex(spread)
        self.reader, self.tag_index = reader, tag_index
        self.browser = SpreadBrowser(spread)
        self.glance = SpreadGlance(spread, reader)
        self.keeper = SpreadKeeper(spread)
        self.metrics = SpreadMetrics(spread)
        self.yardstick = SpreadYardstick(spread)
        self.operations = Operations(home.client, home.keys, reader, tag_index, self.yardstick)
        self.sampler = SpreadSampler(spread)
        self.scaling = SpreadScaling(spread)
        self.stacks = SpreadStacks(spread)
        self.trends = SpreadTrends(spread)
        self.triage = SpreadTriage(spread)
        self.type_pauses = SpreadTypePauses(spread)

    def without(self, failure: StoreError) -> Store:
        """The same installation, whose partitions on the server that has failed so fail like this; the first one's
        where it is not said which one that is."""
        gone, client = AbsentClient(failure), self._parts[failure.partition or 0].client
        parts = [
            Store(gone, part.config, part.offset_ms, part.keys.prefix) if part.client is client else part
            for part in self._parts
        ]
        return SpreadStore(parts, self.config)

    @property
    def parts(self) -> tuple[Store, ...]:
        """The stores of its partitions, in order."""
        return self._parts

    @property
    def servers(self) -> tuple[Store, ...]:
        """One of its partitions for each way to a server: those that have a server in common are one."""
        return self._spread.by_client

    def consumer(self, worker: str, incarnation: str, name: str) -> Consumer:
        """Raises TypeError: claims and their ends are a partition's."""
        raise TypeError("a consumer belongs to one partition: ask one of `parts` for it")

    def close(self) -> None:
        """Drops the pooled connections."""
        for part in self._parts:
            part.close()
