"""Keeps the leases of everything in this worker's hands, and hears of cancellations with that."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final

from jobs.logs import get_logger
from jobs.store.codes import SettleCode
from jobs.store.consumer import Consumer

from .dispatch import Dispatch
from .held import Held
from .ledger import Ledger

BATCH: Final = 250
FRESH: Final = 1.0  # seconds for which a new lease needs no renewal
_log = get_logger(__name__)


class Leases:
    """`on_cancel(held)` is called for a job whose cancellation was asked for."""

    def __init__(
        self, consumer: Consumer, dispatch: Dispatch, ledger: Ledger, on_cancel: Callable[[Held], None]
    ) -> None:
        self._consumer = consumer
        self._dispatch = dispatch
        self._ledger = ledger
        self._on_cancel = on_cancel

    def renew(self) -> None:
        """Renew all leases that are not lost. A job whose lease is lost runs on, but nothing of it will be recorded."""
        before = monotonic() - FRESH
        jobs = [held for held in self._ledger.all() if not held.lost and held.received < before]
        for at in range(0, len(jobs), BATCH):
            self._renew(jobs[at : at + BATCH])

    def _renew(self, jobs: list[Held]) -> None:
        codes = self._dispatch.ask(lambda: self._consumer.renew([held.claim for held in jobs]))
        for held, code in zip(jobs, codes, strict=True):
            if code is SettleCode.LEASE_LOST:
                held.lost = True
                _log.warning("the lease was lost while the job was in hand", **held.names)
            elif code is SettleCode.CANCELLED:
                self._on_cancel(held)
