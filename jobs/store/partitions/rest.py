"""What can be seen of an installation while some of its partitions are away: the others, and which are left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from jobs.errors import StoreMisconfigured, StoreUnavailable
from jobs.store.store import Store

from .browser import SpreadBrowser
from .glance import SpreadGlance
from .metrics import SpreadMetrics
from .reader import SpreadReader
from .spread import Spread
from .store import SpreadStore
from .tag_index import SpreadTagIndex
from .trends import SpreadTrends
from .type_pauses import SpreadTypePauses

T = TypeVar("T")
_AWAY: Final = (StoreUnavailable, StoreMisconfigured)


def of_the_rest(look: Callable[[Store], T]) -> Callable[[Store], T]:
    """The same look at a store, which where a partition is away goes on with the others.

    It sees a store then that is for looking alone, and that names the partitions in `left_out`. The first partition,
    which has what is not about jobs, is never left out.
    """

    def seen(store: Store) -> T:
        try:
            return look(store)
        except _AWAY as error:
            if not error.partition:
                raise
            away = error.partition
        return look(RestStore(store, away))

    return seen


class Rest(Spread):
    """Partitions, of which those that are `away` give no answer about many jobs."""

    def __init__(self, parts: Sequence[Store], away: int) -> None:
        super().__init__(parts)
        self.away = {away}

    def _asked(self, part: Store, ask: Callable[[Store], T]) -> list[T]:
        if self.parts.index(part) in self.away:
            return []
        try:
            return super()._asked(part, ask)
        except _AWAY as error:
            if not error.partition:
                raise
            self.away.add(error.partition)
            return []


class RestStore(SpreadStore):
    """The front door for those who look at many jobs; a question about one of a partition that is away fails."""

    def __init__(self, store: Store, away: int) -> None:
        super().__init__(store.parts, store.config)
        self._rest = rest = Rest(store.parts, away)
        self.reader = reader = SpreadReader(rest)
        self.browser = SpreadBrowser(rest)
        self.glance = SpreadGlance(rest, reader)
        self.metrics = SpreadMetrics(rest)
        self.tag_index = SpreadTagIndex(rest)
        self.trends = SpreadTrends(rest)
        self.type_pauses = SpreadTypePauses(rest)

    @property
    def left_out(self) -> tuple[int, ...]:
        """The partitions that lists and figures are without."""
        return tuple(sorted(self._rest.away))
