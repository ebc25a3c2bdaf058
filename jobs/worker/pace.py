"""How fast a worker works at present."""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import Final

WINDOW: Final = 30.0  # seconds


class Pace:
    """Executions a second over about the last half minute, from totals that are seen now and then."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque([(monotonic(), 0)])

    def saw(self, total: int) -> float:
        """The total is this much now. Returns the pace since half a minute ago, or since the start."""
        now = monotonic()
        self._seen.append((now, total))
        while len(self._seen) > 2 and self._seen[1][0] <= now - WINDOW:
            self._seen.popleft()
        since, before = self._seen[0]
        return round((total - before) / (now - since), 3) if now > since else 0.0
