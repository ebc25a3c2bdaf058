"""Claims from one of several partitions, beside claimers for the others."""

from __future__ import annotations

from typing import NamedTuple

from jobs.errors import StoreSpoilt
from jobs.patience import Patience
from jobs.store.consumer import Consumer

from .claimer import MOST_AT_ONCE, Claimer, Claiming
from .shared import Shared
from .turns import Turns


class Share(NamedTuple):
    """A partition's: its number `at`, and how many of its jobs may be in hand."""

    turns: Turns
    at: int
    most: int


class SharingClaimer(Claimer):
    """A `Claimer` that asks for no more than is its turn, so that nothing is claimed that finds no slot.

    While it knows of no work it waits for a token: with a claim right behind it where there are slots to spare, alone
    where there are none.
    """

    def __init__(self, consumer: Consumer, shared: Shared, claiming: Claiming, share: Share) -> None:
        super().__init__(consumer, shared, claiming)
        self._turns, self._at, self._most = share
        self._patience = Patience(f"claimer of partition {share.at}")

    def stop(self) -> None:
        """Claim nothing more. The others stop too."""
        super().stop()
        self._turns.close()

    def _step(self) -> None:
        room = min(self._most - len(self._shared.ledger), MOST_AT_ONCE)
        if room <= 0:
            self._stopping.wait(0.05)
        elif not self._empty:
            self._promised(self._turns.take(self._at, room))
        else:
            self._await_work(room)

    def _await_work(self, room: int) -> None:
        spare = self._turns.spare(self._at)
        if not spare:
            self._await_token(room)
            return
        more = False
        try:
            self._wait(min(spare, room))
            more = not self._empty
        finally:
            self._turns.answered(self._at, more=more)

    def _await_token(self, room: int) -> None:
        """Learn that there is work, or may be, and claim it if there is room; else leave it to others for now."""
        self.waiting = True
        try:
            order = self._consumer.wait([name for name, _ in self._queues], self._control, self._wait_seconds())
        except StoreSpoilt:
            self._empty = False  # there is no list to wait at: what is claimed from time to time must do
            raise
        self.waiting = False
        if order:
            self._on_order(order, self._consumer)
            return
        if not self._promised(self._turns.at_once(self._at, room)):
            self._claim(0)  # whatever was there to wake this worker is to wake another one
            self._empty = False

    def _promised(self, jobs: int) -> bool:
        """Claim what there is a promise for; False where there is none."""
        if jobs <= 0:
            return False
        more = False
        try:
            self._claim(jobs)
            more = not self._empty
        finally:
            self._turns.answered(self._at, more=more)
        return True
