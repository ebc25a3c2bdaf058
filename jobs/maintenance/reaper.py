"""Takes jobs back whose lease has expired: their worker died, hangs, or cannot reach the store."""

from __future__ import annotations

from typing import Final

from jobs.logs import get_logger
from jobs.store.codes import SettleCode
from jobs.store.keeper import Due
from jobs.store.store import Store
from jobs.types import Claim

from .duty import AT_ONCE, Duty, Result
from .leadership import Leadership
from .losses import Loss, failed_of, lease_expired

log = get_logger(__name__)
NAME: Final = "reaper"
BATCH: Final = 250
MOST_BATCHES: Final = 20  # a run


class Reaper(Duty):
    """Each run first lets the store's reaper clock tick: after a gap all leases are prolonged before any is reaped."""

    def __init__(self, store: Store, leadership: Leadership) -> None:
        self._store = store
        self._keeper = store.keeper
        self._leadership = leadership
        config = store.config
        self._period_ms = int(config.reaper_seconds * 1000)
        self._lease_ms = int(config.lease_seconds * 1000)

    def run_once(self) -> Result:
        """Reap what is lost, in batches."""
        if not self._tick():
            return Result(0, AT_ONCE)  # leases are being re-dated, a batch at a time
        done = 0
        for _ in range(MOST_BATCHES):
            due = self._keeper.expired_leases(BATCH)
            reaped = self._reap(due)
            done += reaped
            if not reaped:
                return Result(done)
        return Result(done, AT_ONCE)

    def _tick(self) -> bool:
        """Whether leases may be reaped. Says it when the store no longer knows that it ticked before."""
        leadership = self._leadership
        is_lost = leadership.has_worked and not self._keeper.has_ticked()
        may_reap = self._keeper.tick(NAME, leadership.token, self._period_ms, self._lease_ms, BATCH)
        if is_lost:
            log.error("the store has lost what it held: it was emptied, or came back without its file")
        leadership.has_worked = True
        return may_reap

    def _reap(self, due: Due) -> int:
        token = self._leadership.token
        gone = 0
        if due.unreadable:
            gone = self._keeper.quarantine(NAME, token, self._store.keys.active, due.unreadable)
        losses = [
            Loss(
                Claim(job_id, record.token, record, None),
                lease_expired(record.worker),
                max(0, due.now - record.claimed),
            )
            for job_id, record in due.jobs
        ]
        if losses:
            items = failed_of(self._store.reader, losses, due.now)
            codes = self._keeper.reap(NAME, self._leadership.token, items)
            lost = len(codes) - codes.count(SettleCode.LEASE_LOST)
            gone += lost
            workers = sorted({record.worker for _, record in due.jobs})
            log.warning("leases expired", jobs=lost, workers=workers[:10])
        return gone
