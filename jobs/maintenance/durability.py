"""Warns in the log of a server that may drop jobs. Every process does it for itself, and says each thing once."""

from __future__ import annotations

from typing import Final

from jobs.errors import StoreUnavailable
from jobs.logs import get_logger
from jobs.store.durability import durability
from jobs.store.store import Store

from .duty import Duty, Result
from .leadership import Leadership

NAME: Final = "durability"
PERIOD_SECONDS: Final = 600.0
_log = get_logger(__name__)


class DurabilityWatch(Duty):
    """Looks at the server's settings from time to time: an operator may change them while it runs."""

    def __init__(self, store: Store, leadership: Leadership) -> None:
        self._store = store
        self._said: list[str] = []

    def run_once(self) -> Result:
        """Say what was not said before."""
        said, failure = [], None
        for part in self._store.servers:
            try:
                said += durability(part.client).warnings
            except StoreUnavailable as error:
                failure = error
        said = list(dict.fromkeys(said))
        for warning in said:
            if warning not in self._said:
                _log.warning(warning)
        self._said = said
        if failure is not None:
            raise failure
        return Result()
