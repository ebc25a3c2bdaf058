"""What becomes of executions that nobody can end any more: the recorded failure, and the wait before a retry."""

from __future__ import annotations

import signal
from collections.abc import Sequence

import msgspec

from jobs import backoff
from jobs.errors import JobTimeout, QueueFlowError, WorkerLost
from jobs.fingerprint import failure_of
from jobs.store.outcomes import Failed
from jobs.store.reader import Reader
from jobs.types import Claim, Envelope, Failure

from .batching import in_batches


class Loss(msgspec.Struct, frozen=True):
    """A lost execution and why. `ran_ms` is the time it spent in user code, as far as anybody knows."""

    claim: Claim
    failure: Failure
    ran_ms: int
    outcome: str = "lost"


def lease_expired(worker: str) -> Failure:
    """Its worker sent no heartbeat for a lease: killed, cut off, or the machine is gone."""
    return _failure(WorkerLost(f"worker '{worker}' was lost: its lease expired"))


def worker_died(worker: str, signal_number: int | None, exit_code: int | None) -> Failure:
    """Its worker's process was seen to end."""
    if signal_number is not None:
        return _failure(WorkerLost(f"worker '{worker}' was lost: killed by {_signal_name(signal_number)}"))
    return _failure(WorkerLost(f"worker '{worker}' was lost: its process exited with code {exit_code}"))


def given_back_too_often(worker: str) -> Failure:
    """It had not started, but it has been released so often that each release spends an attempt, and none is left."""
    return _failure(WorkerLost(f"worker '{worker}' was lost and the job has been given back too often"))


def timed_out(timeout_ms: int) -> Failure:
    """It was still running after its time-out, and its process was killed for that."""
    return _failure(JobTimeout(f"it ran longer than its timeout of {timeout_ms} ms"))


def failed_of(reader: Reader, losses: Sequence[Loss], now_ms: int) -> list[Failed]:
    """What the store is to record, with the delay that each job's own backoff asks for."""
    return [
        _failed(loss, envelope, now_ms)
        for batch in in_batches(losses, lambda loss: loss.claim.record.size)
        for loss, envelope in zip(batch, reader.envelopes([loss.claim.id for loss in batch]), strict=True)
    ]


def _failed(loss: Loss, envelope: Envelope | None, now_ms: int) -> Failed:
    record = loss.claim.record
    policy = envelope.backoff if envelope and envelope.backoff else backoff.DEFAULT
    held_ms = max(0, now_ms - record.claimed)
    ran_ms = min(loss.ran_ms, held_ms)
    delay = backoff.delay_ms(max(0, record.attempts - 1), policy)
    return Failed(loss.claim, held_ms - ran_ms, ran_ms, loss.failure, delay, outcome=loss.outcome)


def _failure(error: QueueFlowError) -> Failure:
    return msgspec.structs.replace(failure_of(error), traceback="")  # there is no stack to show


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
