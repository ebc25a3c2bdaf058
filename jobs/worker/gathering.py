"""What a settler takes on at once: the outcomes that have come, and of a dense flow those that are about to."""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from typing import Final

from .held import Held

MOST_AT_ONCE: Final = 250
DENSE: Final = 16  # so many at once: more are about to come,
LAPSE: Final = 0.1  # within so many seconds


class Gathering:
    """Takes jobs whose outcome is known out of `outbox`, for one thread; a dense flow gathers for `linger` seconds."""

    def __init__(self, outbox: SimpleQueue[Held | None], linger: float = 0.0) -> None:
        self._outbox = outbox
        self._linger = linger
        self._dense_until = 0.0

    def take(self, seconds: float) -> list[Held]:
        """All that are there, 250 at most; the next ones, or none, within so many seconds. A None ends the wait."""
        jobs: list[Held] = []
        try:
            held = self._outbox.get(timeout=seconds)
            if time.monotonic() < self._dense_until and self._outbox.qsize() < MOST_AT_ONCE - 1:
                time.sleep(self._linger)
            while True:
                if held is not None:
                    jobs.append(held)
                if len(jobs) == MOST_AT_ONCE:
                    break
                held = self._outbox.get_nowait()
        except Empty:
            pass
        if self._linger and len(jobs) >= DENSE:
            self._dense_until = time.monotonic() + LAPSE
        return jobs
