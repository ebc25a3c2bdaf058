"""Keeps a rate: small pieces at even intervals instead of a second's worth at once."""

from __future__ import annotations

from typing import Final

from jobs.clock import Clock

PIECE_SECONDS: Final = 0.1


class Pace:
    """Says how many jobs may be acted on now. `rate` is jobs a second, 0 for no limit."""

    def __init__(self, rate: float, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._next = clock.monotonic()

    @property
    def wait(self) -> float:
        """Seconds until the next piece is allowed."""
        return max(0.0, self._next - self._clock.monotonic()) if self._rate else 0.0

    def allowed(self, most: int) -> int:
        """How many jobs the piece that is due may have, at most `most`; 0 while none is due."""
        if not self._rate:
            return most
        return 0 if self.wait > 0 else min(most, max(1, round(self._rate * PIECE_SECONDS)))

    def spent(self, jobs: int) -> None:
        """Count jobs that were acted on. Time lost before is not made up for."""
        if self._rate:
            self._next = max(self._next, self._clock.monotonic() - PIECE_SECONDS) + jobs / self._rate
