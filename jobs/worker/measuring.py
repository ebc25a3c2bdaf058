"""What handlers measure, kept until the settler passes it on: one value a series, so that one write is enough."""

from __future__ import annotations

from collections import deque
from typing import Final

from jobs.store.measures import Measure

MOST: Final = 10_000  # measures that may wait


class Measuring:
    """Collects from any thread; one thread takes. Without locks, like Reports: a handler may be interrupted in here."""

    def __init__(self) -> None:
        self._waiting: deque[Measure] = deque()
        self._lost = 0

    def add(self, measure: Measure) -> None:
        """Take one; one too many is only counted."""
        if len(self._waiting) < MOST:
            self._waiting.append(measure)
        else:
            self._lost += 1

    def take(self) -> tuple[list[Measure], int]:
        """What has come since the last time, one a series, and how many were lost."""
        found: dict[tuple[str, str], Measure] = {}
        for _ in range(len(self._waiting)):
            each = self._waiting.popleft()
            known = found.get((each.type, each.series))
            if known is not None and each.adds:
                each = Measure(each.type, each.series, known.value + each.value)
            found[each.type, each.series] = each
        lost = self._lost
        self._lost -= lost
        return list(found.values()), lost
