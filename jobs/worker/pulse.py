"""Tells a child that stands still from one that nobody has looked at."""

from __future__ import annotations

from typing import Final

OWN_GAP: Final = 1.0  # seconds between two looks after which the watcher stood still itself, perhaps with all others


class PulseWatch:
    """A child may show no sign of life for `patience` seconds, counted only while its watcher was awake.

    All instants are seconds of the machine's monotonic clock.
    """

    def __init__(self, patience: float, now: float) -> None:
        self._patience = patience
        self._looked = self._awake_since = now

    def look(self, now: float) -> None:
        """The watcher looks round; many times a second."""
        if now - self._looked > OWN_GAP:
            self._awake_since = now
        self._looked = now

    def is_silent(self, pulse: float, now: float) -> bool:
        """True for a child last seen alive at `pulse` that has had its time; 0 is one that has not begun."""
        return pulse > 0 and now - max(pulse, self._awake_since) > self._patience
