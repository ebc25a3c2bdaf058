"""How much to claim ahead: enough that short jobs need no round trip each, never more than some tens of ms of work."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

HORIZON: Final = 0.03  # seconds of expected work that may wait in this process, for each slot that makes progress
MOST_AHEAD: Final = 250
_UNKNOWN: Final = 1.0  # a type never seen to end is expected to take long: it is not claimed ahead
_SHORTEST: Final = 1e-6
_WEIGHT: Final = 0.2


class Estimate:
    """Learns durations by type (seconds, exponentially weighted) and which types have come lately.

    No more than `most` jobs are to be claimed ahead.
    """

    def __init__(self, most: int = MOST_AHEAD) -> None:
        self._most = most
        self._seconds: dict[str, float] = {}
        self._recent: deque[str] = deque(maxlen=64)

    def observe(self, job_type: str, seconds: float) -> None:
        """A job of this type ran for so long."""
        known = self._seconds.get(job_type)
        self._seconds[job_type] = seconds if known is None else known + (seconds - known) * _WEIGHT

    def upset(self, job_type: str, seconds: float) -> None:
        """A job of this type has been running for so long already and holds others up."""
        self._seconds[job_type] = max(seconds, self._seconds.get(job_type, 0.0))

    def saw(self, types: Iterable[str]) -> None:
        """These types have just been claimed."""
        self._recent.extend(types)

    def ahead(self, flowing: int) -> int:
        """How many jobs may wait here, when `flowing` slots are free or busy with a job that is not overdue."""
        if not self._recent or flowing <= 0:
            return 0
        recent = tuple(self._recent)
        mean = sum(self._seconds.get(job_type, _UNKNOWN) for job_type in recent) / len(recent)
        return min(self._most, int(HORIZON * flowing / max(mean, _SHORTEST)))
