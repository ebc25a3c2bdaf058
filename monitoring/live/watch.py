"""Keeps looking whether those who look still may."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import Final, Protocol

from .visitors import mark_of, viewer_of

logger = logging.getLogger(__name__)

REVOKED: Final = 4001
UNKNOWN: Final = 4012
MOST_FAILURES: Final = 3


class Watched(Protocol):
    """An open connection of somebody's session."""

    session: str
    person: str

    def close(self, code: int) -> None:
        """End it."""


class Watch:
    """The open connections of this process. Everything runs on its event loop.

    Each session, its user and rights are read again within `period` seconds; a connection whose session, user or right
    is gone is closed. When the database cannot tell, three times in a row, it is closed as well, to come again.
    """

    def __init__(self, period: float, most: int, most_a_person: int) -> None:
        self._period = period
        self._most = most
        self._most_a_person = most_a_person
        self._open: dict[str, set[Watched]] = {}
        self._persons: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._round: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return sum(map(len, self._open.values()))

    def has_room(self, person: str) -> bool:
        """True while this person may have one more connection."""
        return len(self) < self._most and self._persons[person] < self._most_a_person

    def add(self, watched: Watched) -> None:
        """Watch a connection."""
        self._open.setdefault(watched.session, set()).add(watched)
        self._persons[watched.person] += 1
        if self._round is None or self._round.done():
            self._round = asyncio.create_task(self._rounds())

    def remove(self, watched: Watched) -> None:
        """It has ended."""
        of_session = self._open.get(watched.session, set())
        if watched in of_session:
            of_session.remove(watched)
            self._persons[watched.person] -= 1
            self._persons += Counter()  # forgets who has none
        if not of_session:
            self._open.pop(watched.session, None)
            self._failures.pop(watched.session, None)

    def end_session(self, mark: str) -> None:
        """Close what belongs to a session that is over; `mark` stands for it."""
        for key in list(self._open):
            if mark_of(key) == mark:
                self._close(key, REVOKED)

    async def check(self, person: str | None = None) -> None:
        """Look now whether a person (None: anybody) still may."""
        for key in list(self._open):
            if any(person in (None, watched.person) for watched in self._open.get(key, ())):
                await self._check(key)

    async def _rounds(self) -> None:
        while self._open:
            keys = list(self._open)
            for key in keys:
                await asyncio.sleep(self._period / len(keys))
                await self._check(key)

    async def _check(self, key: str) -> None:
        if key not in self._open:
            return
        try:
            found = await viewer_of(key)
        except Exception:  # of the database, most likely; whatever it is, the next look must come
            logger.debug("a session could not be read", exc_info=True)
            self._failures[key] += 1
            if self._failures[key] >= MOST_FAILURES:
                logger.warning("a live connection is closed: the database cannot tell whether its session goes on")
                self._close(key, UNKNOWN)
            return
        self._failures.pop(key, None)
        for watched in list(self._open.get(key, ())):
            if found is None or found.id != watched.person:
                watched.close(REVOKED)

    def _close(self, key: str, code: int) -> None:
        for watched in list(self._open.get(key, ())):
            watched.close(code)
