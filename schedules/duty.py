"""The scheduler: enqueues what is due. One process at a time leads, by a fenced lease."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from time import monotonic
from typing import Final

from django.db import DatabaseError, InterfaceError

from jobs.clock import to_instant_ms
from jobs.connections import own
from jobs.errors import StoreError
from jobs.maintenance.duty import AT_ONCE, Duty, Result
from jobs.maintenance.leadership import Leadership
from jobs.manager import QueueManager
from jobs.store.store import Store

from .deciding import Decision, decide, first_due, look_ahead, with_payloads
from .recording import record
from .sending import Sending
from .service import alias

NAME: Final = "scheduler"
LONGEST_LOOK: Final = 1.0  # seconds between two looks for schedules that are new or changed


class Ticker(Duty):
    """Goes by the store's clock alone. What is not on record is due: jobs come first, and a repeat makes none.

    Holds a database connection of its own while it leads, so that nothing is late for making one.
    """

    def __init__(self, store: Store, leadership: Leadership) -> None:
        self._store = store
        self._leadership = leadership
        self._manager = QueueManager(store)
        self._held = ExitStack()
        self._using = ""
        self._resting: set[int] = set()  # schedules whose jobs belong where the store is away
        self._rest_until = 0.0

    def run_once(self) -> Result:
        """Enqueue some of what is due."""
        try:
            return self._look()
        except (DatabaseError, InterfaceError):
            self.close()
            with suppress(StoreError):
                self._leadership.resign()  # another candidate may have the database
            raise

    def close(self) -> None:
        """Drop the database connection."""
        self._using = ""
        self._held.close()

    def _look(self) -> Result:
        is_first = not self._using
        if is_first:
            self._using = self._held.enter_context(own(alias()))
        now_ms, asked = self._store.reader.now_ms(), monotonic()
        if is_first:
            look_ahead(self._using, now_ms)
        if monotonic() > self._rest_until:
            self._resting.clear()
        first = first_due(self._using, self._resting)
        if first is not None and to_instant_ms(first) <= now_ms:
            return Result(self._work(now_ms), AT_ONCE)
        wait = LONGEST_LOOK if first is None else (to_instant_ms(first) - now_ms) / 1000
        return Result(0, max(0.0, min(LONGEST_LOOK, wait) - (monotonic() - asked)))

    def _work(self, now_ms: int) -> int:
        decisions: list[Decision] = []
        for decision in decide(self._using, now_ms, self._resting):
            decisions.append(decision)
            self._stay()
        sending = Sending(self._manager, self._stay)
        found = sending.send(with_payloads(decisions, self._using))
        record(decisions, found, now_ms, self._using)
        with suppress(StoreError):  # it is forgotten later then
            sending.settle()
        if lost := {each.schedule.pk for each in decisions} - found.keys():
            self._resting |= lost
            self._rest_until = monotonic() + LONGEST_LOOK
        return sum(map(len, found.values()))

    def _stay(self) -> None:
        """Keep on leading. Raises NotLeading, for who does not any more."""
        if self._leadership.leading:
            self._leadership.keep()
        _ = self._leadership.token
