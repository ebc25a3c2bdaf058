"""The thread that settles: brings outcomes to the store in batches, and does what is due on its connection."""

from __future__ import annotations

import math
from collections.abc import Sequence
from time import monotonic
from typing import Final

from jobs.errors import StoreError
from jobs.logs import get_logger
from jobs.store.codes import SettleCode
from jobs.store.outcomes import Failed, Parked, Released

from . import verdicts
from .dispatch import Dispatch, GaveUp, Refusal
from .gathering import Gathering
from .held import Held
from .known_types import KnowsTypes
from .news import News
from .postponed import Postponed
from .reporting import Reporting
from .shared import Shared
from .timetable import Timetable

PARK_MS: Final = 1000
_log = get_logger(__name__)


class Settler:
    """`run` is its thread's body, `stop` is for another thread. Counts what it settled into the shared table."""

    def __init__(
        self,
        dispatch: Dispatch,
        shared: Shared,
        timetable: Timetable,
        reporting: Reporting,
        news: News,
        workers: KnowsTypes,
        grace_ms: float,
    ) -> None:
        self._dispatch = dispatch
        self._shared = shared
        self._gathering = Gathering(shared.outbox, shared.linger)
        self._timetable = timetable
        self._reporting = reporting
        self._news = news
        self._workers = workers
        self._grace_ms = grace_ms  # how long a type may be unknown everywhere
        self._postponed = Postponed()
        self._stopping = False
        self._deadline = math.inf

    def run(self) -> None:
        """Settle until `stop` was called and nothing is left, or its deadline has passed."""
        try:
            while True:
                jobs = self._gathering.take(min(self._timetable.wait(), self._postponed.wait))
                self._conclude(jobs)
                self._settle([*self._postponed.due(), *jobs])
                self._timetable.run_due()
                if self._is_over():
                    self._reporting.run_measures()
                    break
        except GaveUp:
            if len(self._shared.ledger):
                _log.warning("the store did not answer in time: outcomes are lost", jobs=len(self._shared.ledger))
        finally:
            self._dispatch.close()

    def interrupt(self) -> None:
        """End a wait for the store now; after the deadline of `stop`, until the thread has ended."""
        self._dispatch.interrupt()

    def stop(self, deadline: float) -> None:
        """End when everything is settled that is in the outbox now, at the latest at that monotonic instant."""
        self._dispatch.hurry(deadline)
        self._deadline = deadline
        self._stopping = True
        self._shared.outbox.put(None)

    def _is_over(self) -> bool:
        """Whether nothing is left. Raises GaveUp after the deadline."""
        if not self._stopping or not self._shared.outbox.empty():
            return False
        if len(self._postponed) and monotonic() > self._deadline:
            raise GaveUp
        return not len(self._postponed)

    def _conclude(self, jobs: Sequence[Held]) -> None:
        """Do what is done once for each job that has ended."""
        for held in jobs:
            if held.outcome is None:
                held.outcome = self._unknown(held)
            if held.ended:
                self._shared.estimate.observe(held.claim.record.type, held.ended - held.started)
        if jobs:
            self._reporting.run_last(jobs)

    def _settle(self, jobs: Sequence[Held]) -> None:
        ended = failed = 0
        for held, code in self._dispatch.settle(jobs):
            if self._acknowledged(held, code):
                ended += 1
                failed += isinstance(held.outcome, Failed)
        if jobs:
            self._shared.table.count(ended, failed)

    def _acknowledged(self, held: Held, code: SettleCode | Refusal) -> bool:
        """Whether it was an execution, which is over now."""
        shared = self._shared
        if code is Refusal.FOR_NOW:
            if self._postponed.put(held):
                return False
            _log.error("the store does not take an outcome", **held.names)
        else:
            self._postponed.forget(held)
        if code is SettleCode.EXHAUSTED and isinstance(held.outcome, Released):
            held.outcome = verdicts.worn_out(held)  # nothing was written: it has to be failed
            shared.outbox.put(held)
            return False
        ran = held.index >= 0
        if ran:
            shared.table.clear(held.index)
        shared.ledger.close(held)
        if isinstance(code, SettleCode):
            self._news.settled(held, code)
        return ran

    def _unknown(self, held: Held) -> Parked | Failed:
        record = held.claim.record
        try:
            known = record.type in self._workers.known_types(record.queue)
        except StoreError:
            known = True  # nobody can tell now
        if not known and record.unknown_since and record.claimed - record.unknown_since >= self._grace_ms:
            return verdicts.unknown(held)
        return Parked(held.claim, PARK_MS, known)
