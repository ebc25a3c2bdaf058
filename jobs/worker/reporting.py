"""Brings what running jobs say of themselves to the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from jobs.errors import StoreError
from jobs.logs import get_logger
from jobs.store.consumer import Consumer

from .dispatch import Dispatch
from .held import Held
from .measuring import Measuring
from .reports import Report, Reports

BATCH: Final = 8  # jobs a call: each may bring 200 KiB of log
MEASURES: Final = 250  # a call
_log = get_logger(__name__)


class Reporting:
    """For the settler's thread."""

    def __init__(self, consumer: Consumer, dispatch: Dispatch, reports: Reports, measuring: Measuring) -> None:
        self._consumer = consumer
        self._dispatch = dispatch
        self._reports = reports
        self._measuring = measuring

    def run_due(self) -> None:
        """Pass on what running jobs have reported since the last time, and what handlers have measured."""
        self._send(self._reports.take_due())
        self.run_measures()

    def run_measures(self) -> None:
        """Pass on what handlers have measured; the store counts each batch once, however often it is sent."""
        measures, lost = self._measuring.take()
        for at in range(0, len(measures) or bool(lost), MEASURES):
            batch = measures[at : at + MEASURES]
            try:
                self._dispatch.ask(lambda: self._consumer.report((), batch, lost if not at else 0))  # noqa: B023
            except StoreError as error:
                _log.error("measures of handlers are lost", count=len(batch), error=str(error)[:500])

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
