"""Brings what running jobs say of themselves to the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from jobs.errors import StoreError
from jobs.logs import get_logger
from jobs.store.consumer import Consumer

from .dispatch import Dispatch
from .held import Held
from .reports import Report, Reports

BATCH: Final = 8  # jobs a call: each may bring 200 KiB of log
_log = get_logger(__name__)


class Reporting:
    """For the settler's thread."""

    def __init__(self, consumer: Consumer, dispatch: Dispatch, reports: Reports) -> None:
        self._consumer = consumer
        self._dispatch = dispatch
        self._reports = reports

    def run_due(self) -> None:
        """Pass on what running jobs have reported since the last time."""
        self._send(self._reports.take_due())

    def run_last(self, ended: Sequence[Held]) -> None:
        """Pass on what jobs reported that are about to be settled: the store takes nothing for them after that."""
        self._send(self._reports.take_last(ended))

    def _send(self, reports: Sequence[Report]) -> None:
        for at in range(0, len(reports), BATCH):
            batch = reports[at : at + BATCH]
            try:
                self._dispatch.ask(lambda: self._consumer.report(batch))  # noqa: B023 - called before the next turn
            except StoreError as error:
                _log.error("reports of jobs are lost", jobs=[claim.id for claim, _, _ in batch], error=str(error)[:500])
