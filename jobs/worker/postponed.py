"""Outcomes that the store, or what stands before it, has refused in a way that may pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from jobs.patience import Case

from .held import Held

FIRST_WAIT: Final = 0.25
LONGEST_WAIT: Final = 10.0
LONGEST: Final = 120.0  # seconds from the first refusal until an outcome is given up


class Postponed:
    """Of one settler, in its thread. Their leases are renewed meanwhile. `clock`: seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._cases: dict[Held, Case] = {}

    def __len__(self) -> int:
        return len(self._cases)

    def put(self, held: Held) -> bool:
        """Keep an outcome that was refused, once more. False: that has been so for too long, and it is not kept."""
        now = self._clock()
        case = self._cases.setdefault(held, Case(now))
        if now - case.since >= LONGEST:
            del self._cases[held]
            return False
        case.failed(now, FIRST_WAIT, LONGEST_WAIT)
        return True

    def forget(self, held: Held) -> None:
        """The store has taken it."""
        self._cases.pop(held, None)

    def due(self) -> list[Held]:
        """Those that are to be brought again now."""
        now = self._clock()
        return [held for held, case in self._cases.items() if case.due <= now]

    @property
    def wait(self) -> float:
        """Seconds until one is due; infinite without any."""
        return max(0.0, min((case.due for case in self._cases.values()), default=float("inf")) - self._clock())
