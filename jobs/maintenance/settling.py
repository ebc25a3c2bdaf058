"""Settles in one partition what supervisors report of workers that are gone."""

from __future__ import annotations

from typing import Final

from jobs.store.store import Store

from .duty import Duty, Result
from .mailbox import Mailbox
from .settler import Settler

NAME: Final = "settling"


class Settling(Duty):
    """Not a leader's duty: each supervisor's maintenance does it for its own."""

    def __init__(self, store: Store, mailbox: Mailbox, partition: int = 0) -> None:
        self._settler = Settler(store)
        self._mailbox = mailbox
        self._partition = partition

    def run_once(self) -> Result:
        """Settle what was reported. Raises StoreError; what is left then waits until the partition is back."""
        done = 0
        for number, lost in self._mailbox.reports(self._partition):
            done += self._settler.settle(lost)
            self._mailbox.settled(number, self._partition)
        return Result(done)

    def close(self) -> None:
        """Drop the connection."""
        self._settler.close()
