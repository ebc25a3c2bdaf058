"""Settles the jobs of a worker whose process is gone, by what its supervisor saw in the shared table."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from jobs.logs import get_logger
from jobs.store.codes import SettleCode
from jobs.store.outcomes import Released
from jobs.store.store import Store
from jobs.types import Claim

from .batching import in_batches
from .losses import Loss, failed_of, given_back_too_often, timed_out, worker_died
from .mailbox import Lost, LostJob

log = get_logger(__name__)
Key = tuple[str, str]  # id and token of a claim
NO_DUTY: Final = "settling"  # needs no leader: it touches only what the dead incarnation's tokens hold


class Settler:
    """Ends what a dead worker held. A report may be settled twice: the second time finds nothing held.

    After a StoreError it must not be used again, as an answer may be on its way; a new one takes the report anew.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._consumer = store.consumer("maintenance", secrets.token_hex(8), "m")

    def settle(self, lost: Lost) -> int:
        """Fail what ran, give back what had not started, forget the worker. Returns the number of jobs."""
        held = self._store.keeper.held_by(lost.incarnation)
        ran, beside = _by_claim((*lost.timed_out, *lost.running)), _by_claim(lost.released)
        given_back = [claim for claim in held if _key(claim) not in ran]
        self._fail(self._losses(lost, [claim for claim in held if _key(claim) in ran]))
        self._release(lost, given_back, beside)
        self._forget(lost)
        if held:
            log.warning(
                "a worker was lost", worker=lost.worker, signal=lost.signal, exit=lost.exit,
                failed=len(held) - len(given_back), given_back=len(given_back),
            )  # fmt: skip
        return len(held)

    def close(self) -> None:
        """Drop the connection."""
        self._consumer.close()

    def _losses(self, lost: Lost, claims: Sequence[Claim]) -> list[Loss]:
        overran, running = _by_claim(lost.timed_out), _by_claim(lost.running)
        late = [claim for claim in claims if _key(claim) in overran]
        died = worker_died(lost.worker, lost.signal, lost.exit)
        losses = [Loss(claim, died, _ran(running[_key(claim)])) for claim in claims if _key(claim) not in overran]
        for claim, timeout_ms in zip(late, self._timeouts(late), strict=True):
            losses.append(Loss(claim, timed_out(timeout_ms), _ran(overran[_key(claim)]), "timed_out"))
        return losses

    def _timeouts(self, claims: Sequence[Claim]) -> list[int]:
        return [
            envelope.timeout_ms if envelope else self._store.config.job_timeout_ms
            for batch in in_batches(claims, lambda claim: claim.record.size)
            for envelope in self._store.reader.envelopes([claim.id for claim in batch])
        ]

    def _fail(self, losses: Sequence[Loss]) -> None:
        items = failed_of(self._store.reader, losses, self._store.reader.now_ms()) if losses else []
        for batch in in_batches(items, lambda _: 0):
            self._store.keeper.reap(NO_DUTY, "", batch, forced=True)

    def _release(self, lost: Lost, claims: Sequence[Claim], beside: dict[Key, LostJob]) -> None:
        now = self._store.reader.now_ms() if beside else 0
        items = [_released(claim, beside.get(_key(claim)), now) for claim in claims]
        for batch in in_batches(items, lambda _: 0):
            codes = self._consumer.release(batch)
            spent = [item for item, code in zip(batch, codes, strict=True) if code is SettleCode.EXHAUSTED]
            self._fail([Loss(item.claim, given_back_too_often(lost.worker), 0) for item in spent])

    def _forget(self, lost: Lost) -> None:
        """The worker leaves the registry, unless another incarnation goes by its name by now."""
        for seen in self._store.registry.workers():
            if seen.info.id == lost.worker and seen.info.incarnation == lost.incarnation:
                self._store.registry.leave(lost.worker)


def _key(claim: Claim) -> Key:
    return claim.id, claim.token


def _by_claim(jobs: Sequence[LostJob]) -> dict[Key, LostJob]:
    return {(job.id, job.token): job for job in jobs}


def _ran(job: LostJob) -> int:
    return max(0, round(job.ran_ms))


def _released(claim: Claim, job: LostJob | None, now_ms: int) -> Released:
    """What ran beside a job that timed out leaves a trace in the history; what never started leaves none."""
    if job is None:
        return Released(claim)
    held_ms = max(0, now_ms - claim.record.claimed)
    ran_ms = min(_ran(job), held_ms)
    return Released(claim, held_ms - ran_ms, ran_ms)
