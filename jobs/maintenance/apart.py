"""Keeps the parts of a duty apart: a key of the store that holds something else costs the part that needs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from jobs.errors import StoreSpoilt
from jobs.logs import get_logger

log = get_logger(__name__)
T = TypeVar("T")


class Apart:
    """Runs the parts of one duty. Says once of a part that it cannot be done, and once that it can again."""

    def __init__(self, duty: str) -> None:
        self._duty = duty
        self._broken: set[str] = set()

    def run(self, part: str, work: Callable[[], T], otherwise: T) -> T:
        """What `work` returns; `otherwise` where a key that it needs is spoilt."""
        try:
            answer = work()
        except StoreSpoilt as error:
            if part not in self._broken:
                self._broken.add(part)
                log.error("a part of a duty cannot be done", duty=self._duty, part=part, error=str(error))
            return otherwise
        if part in self._broken:
            self._broken.remove(part)
            log.info("a part of a duty works again", duty=self._duty, part=part)
        return answer
