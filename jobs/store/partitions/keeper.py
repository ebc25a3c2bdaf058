"""The maintenance side of an installation over several partitions."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.errors import StoreMisconfigured, StoreUnavailable
from jobs.store.keeper import Entry, Keeper
from jobs.store.reader import Place

from .spread import Spread


class SpreadKeeper(Keeper):
    """Home's `Keeper`, for the duties that are about the installation: those about jobs are done with each partition's.

    Who leads, and what stands in an index, is told of all partitions.
    """

    def __init__(self, spread: Spread) -> None:
        home = spread.home
        super().__init__(home.client, home.keys, home.offset_ms)
        self._spread = spread

    def leaders(self, duties: Sequence[str]) -> dict[str, str]:
        """Who leads each duty now, in the first of its partitions; left out where one of them has no leader."""
        told = self._spread.everywhere(lambda part: part.keeper.leaders(self._spread.duties_in(part, duties)))
        found = dict(zip(self._spread.parts, told, strict=True))
        led = {duty: [found[part].get(duty) for part in self._spread.led_in(duty)] for duty in duties}
        return {duty: holders[0] for duty, holders in led.items() if holders[0] and all(holders)}

    def vacancies(self, duties: Sequence[str]) -> dict[str, int]:
        """The duties that nobody leads in a partition of theirs, and for how many ms at most.

        Of one that is away, or refuses us, while home answers, nothing is known.
        """
        longest = self._spread.home.keeper.vacancies(duties)
        for part in self._spread.parts[1:]:
            mine = self._spread.duties_in(part, duties)
            try:
                found = part.keeper.vacancies(mine) if mine else {}
            except (StoreUnavailable, StoreMisconfigured):
                continue
            for duty, vacant in found.items():
                longest[duty] = max(longest.get(duty, 0), vacant)
        return {duty: longest[duty] for duty in duties if duty in longest}

    def page(self, index: str, most: int, *, after: Place | None = None, up_to: int | None = None) -> list[Entry]:
        """At most `most` entries of an index, lowest place first, above `after`, with a score of at most `up_to`."""
        part = self._spread.of_index(index)
        return self._spread.ask(part, lambda part: part.keeper.page(index, most, after=after, up_to=up_to))
