"""What a worker says became of a claimed job, one value a way out of `active`."""

from __future__ import annotations

import msgspec

from jobs.types import Claim, Execution, Failure


class Completed(msgspec.Struct, frozen=True):
    """It returned. `started_ms` counts from the claim, `duration_ms` is user code, `result` is JSON, empty for null."""

    claim: Claim
    started_ms: int
    duration_ms: int
    result: bytes = b""


class Failed(msgspec.Struct, frozen=True):
    """It raised, timed out or was lost. `final` forbids another attempt; `delay_ms` is the wait before one."""

    claim: Claim
    started_ms: int
    duration_ms: int
    failure: Failure
    delay_ms: int
    final: bool = False
    outcome: str = "failed"


class Released(msgspec.Struct, frozen=True):
    """It goes back unfinished. `started_ms` < 0: it never started and leaves no trace in the history."""

    claim: Claim
    started_ms: int = -1
    duration_ms: int = 0


class Snoozed(msgspec.Struct, frozen=True):
    """Its handler asked to run later."""

    claim: Claim
    delay_ms: int
    started_ms: int
    duration_ms: int
    reason: str = ""


class Parked(msgspec.Struct, frozen=True):
    """This worker has no handler for it; `known` when another live worker has one."""

    claim: Claim
    delay_ms: int
    known: bool


class Discarded(msgspec.Struct, frozen=True):
    """Its handler gave it up, or a cancel reached it while it ran."""

    claim: Claim
    started_ms: int
    duration_ms: int
    reason: str = ""


Outcome = Completed | Failed | Released | Snoozed | Parked | Discarded


def execution_of(
    claim: Claim, outcome: str, started_ms: int, duration_ms: int, failure: Failure | None = None, reason: str = ""
) -> Execution:
    """The history's entry for an execution that ends now, `reason` its message where nothing failed."""
    record = claim.record
    return Execution(
        number=record.executions,
        attempt=record.attempts,
        worker=record.worker,
        claimed=record.claimed,
        started=started_ms,
        duration=duration_ms,
        ended=record.claimed + started_ms + duration_ms,
        outcome=outcome,
        error_type=failure.error_type if failure else "",
        message=failure.message if failure else reason,
        traceback=failure.traceback if failure else "",
        error_path=failure.error_path if failure else "",
    )
