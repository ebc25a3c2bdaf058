"""Waits while the store is away: longer each time, with jitter, and without a line in the log for each try."""

from __future__ import annotations

import random
import threading
from time import monotonic
from typing import Final

from jobs.errors import QueueFlowError
from jobs.logs import get_logger

LONGEST: Final = 2.0
SAY_EVERY: Final = 30.0
_log = get_logger(__name__)


class Patience:
    """One thread's back-off. `who` names it in the log."""

    def __init__(self, who: str) -> None:
        self._who = who
        self._tries = 0
        self._said = 0.0
        self._since = 0.0

    def wait(self, error: QueueFlowError, enough: threading.Event) -> None:
        """Wait before the next try after `error`, at most until `enough` is set."""
        now = monotonic()
        if not self._tries:
            self._since = now
        if not self._tries or now - self._said > SAY_EVERY:
            self._said = now
            _log.warning("the store does not answer, trying again", thread=self._who, error=str(error)[:500])
        delay = min(LONGEST, 0.05 * 2 ** min(self._tries, 8)) * random.uniform(0.5, 1.0)
        self._tries += 1
        enough.wait(delay)

    def reset(self) -> None:
        """The store has answered."""
        if self._tries:
            self._tries = 0
            _log.warning("the store answers again", thread=self._who, away=round(monotonic() - self._since, 1))
