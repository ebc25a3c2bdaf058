"""How far several steps are."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[float], None]


class Steps:
    """Progress over steps of about the same length. `tell` is told the share of the whole that is done, 0 to 1."""

    def __init__(self, steps: int, tell: Tell | None) -> None:
        self._steps, self._begun, self._tell = steps, 0, tell

    def next(self) -> Tell | None:
        """Begin another; what comes back is to be told how much of that is done, 0 to 1."""
        tell, before = self._tell, self._begun
        self._begun += 1
        if tell is None:
            return None
        tell(before / self._steps)
        return lambda share: tell((before + share) / self._steps)
