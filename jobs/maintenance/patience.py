"""How to bear a store that is away: wait longer each time, say so once, say once that it is over."""

from __future__ import annotations

import random
import time
from typing import Final

from jobs.errors import StoreError
from jobs.logs import get_logger

log = get_logger(__name__)
FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 2.0


class Patience:
    """Counts the failures of one duty in a row. Logs transitions, not tries."""

    def __init__(self, duty: str) -> None:
        self._duty = duty
        self._failures = 0
        self._since = 0.0
        self._said = ""

    def failed(self, error: Exception) -> float:
        """Seconds to wait after this failure."""
        if not self._failures:
            self._since = time.monotonic()
        self._failures += 1
        kind = error.kind if isinstance(error, StoreError) else f"{type(error).__name__}: {error}"
        if kind != self._said:
            self._said = kind
            self._say(error)
        wait = min(FIRST_WAIT * 2.0 ** min(self._failures - 1, 10), LONGEST_WAIT)
        return wait * (0.5 + 0.5 * random.random())

    def succeeded(self) -> None:
        """All is well."""
        if self._failures:
            away = round(time.monotonic() - self._since, 3)
            log.info("works again", duty=self._duty, seconds=away, failures=self._failures)
            self._failures, self._said = 0, ""

    def _say(self, error: Exception) -> None:
        if isinstance(error, StoreError) and error.transient:
            log.warning("the store is away", duty=self._duty, kind=error.kind, error=str(error))
        elif isinstance(error, StoreError):
            log.error("the store refuses", duty=self._duty, kind=error.kind, error=str(error))
        else:
            log.error("a duty failed", duty=self._duty, exc_info=error)
