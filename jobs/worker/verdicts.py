"""What became of an execution, in the store's words: from what user code returned or raised to an outcome."""

from __future__ import annotations

import asyncio
import math
from time import monotonic
from typing import Final, TypeGuard, TypeVar

from jobs import backoff
from jobs.errors import (
    Discard,
    JobTimeout,
    Retry,
    Snooze,
    UnknownJobType,
    UnreadableRecord,
    WorkerLost,
)
from jobs.fingerprint import clean_text, failure_of
from jobs.interrupts import Interrupt
from jobs.store.outcomes import Completed, Discarded, Failed, Outcome, Released, Snoozed

from .held import Held, Stop

E = TypeVar("E", bound=BaseException)
MOST_REASON: Final = 200  # bytes
LONGEST_DELAY_MS: Final = 10 * 365 * 86_400_000


class BadPayload(Exception):
    """The stored payload does not fit the handler (any more); `__cause__` is the InvalidJob that says why."""


class BadResult(Exception):
    """The result cannot be kept; `__cause__` is the ResultNotSerializable that says why."""


def returned(held: Held, result: bytes) -> Outcome:
    """User code has returned, and `result` is its JSON."""
    now = monotonic()
    if now > held.deadline:
        return _timed_out(held, None)
    return Completed(held.claim, held.started_ms, int((now - held.started) * 1000), result)


def raised(held: Held, error: BaseException) -> Outcome:
    """User code has raised."""
    stopped = is_a(error, Interrupt, asyncio.CancelledError) and held.stop
    if stopped is Stop.TIMEOUT or monotonic() > held.deadline:
        return _timed_out(held, error)
    if stopped is Stop.CANCEL:
        return Discarded(held.claim, *_times(held), "cancelled while it ran")
    if is_a(error, BadPayload, BadResult):
        return failed(held, error.__cause__ or error, final=True)
    try:
        outcome = _signalled(held, error)
    except Exception as slip:  # a delay that is no number, a reason that cannot be read
        return failed(held, slip)
    return outcome or failed(held, error)


def failed(held: Held, error: BaseException, *, final: bool = False, delay_ms: int | None = None) -> Failed:
    """The execution has failed; `final` forbids another attempt, `delay_ms` replaces the backoff."""
    wait = backoff_ms(held) if delay_ms is None else delay_ms
    return Failed(held.claim, *_times(held), failure_of(error), wait, final)


def unreadable(held: Held) -> Failed:
    """The job's envelope cannot be decoded."""
    return failed(held, UnreadableRecord(held.claim.id, "payload"), final=True)


def unknown(held: Held) -> Failed:
    """Nobody has had a handler for the job's type for too long."""
    return failed(held, UnknownJobType(held.claim.record.type), final=True)


def worn_out(held: Held) -> Failed:
    """The job was given back as often as is free, and its attempts are used up."""
    return failed(held, WorkerLost("it was given back too often, and its attempts are used up"))


def given_back(held: Held) -> Released:
    """The job goes back: never started, or by a drain while it runs."""
    return Released(held.claim, *_times(held)) if held.started else Released(held.claim)


def backoff_ms(held: Held) -> int:
    """The wait before the job's next attempt: by its own backoff, else its handler's, else the default."""
    own = held.claim.envelope.backoff if held.claim.envelope else None
    policy = own or (held.handler.backoff if held.handler else None) or backoff.DEFAULT
    return backoff.delay_ms(max(held.claim.record.attempts - 1, 0), policy)


def is_a(error: BaseException, *kinds: type[E]) -> TypeGuard[E]:
    """Like isinstance, but asks the type alone: an error's own `__class__` may raise."""
    return issubclass(type(error), kinds)


def _signalled(held: Held, error: BaseException) -> Outcome | None:
    if is_a(error, Retry):
        return failed(held, error, delay_ms=None if error.delay is None else _milliseconds(error.delay))
    if is_a(error, Snooze):
        return Snoozed(held.claim, _milliseconds(error.seconds), *_times(held), _reason(error.reason))
    if is_a(error, Discard):
        return Discarded(held.claim, *_times(held), _reason(error.reason))
    return None


def _timed_out(held: Held, error: BaseException | None) -> Failed:
    limit = round((held.deadline - held.started) * 1000)
    timeout = JobTimeout(f"it ran longer than its timeout of {limit} ms")
    if error is not None:
        timeout.__traceback__ = error.__traceback__
        timeout.__cause__ = None if is_a(error, Interrupt, asyncio.CancelledError) else error
    return Failed(held.claim, *_times(held), failure_of(timeout), backoff_ms(held), outcome="timed_out")


def _times(held: Held) -> tuple[int, int]:
    """(ms from the claim to the start, ms of user code); nothing but zeros when it never started."""
    if not held.started:
        return 0, 0
    return held.started_ms, int((monotonic() - held.started) * 1000)


def _reason(reason: object) -> str:
    return clean_text(str(reason), MOST_REASON)


def _milliseconds(seconds: object) -> int:
    if not isinstance(seconds, int | float) or math.isnan(seconds):
        raise ValueError(f"a delay is a number of seconds, not {seconds!r}")
    return round(min(max(seconds, 0), LONGEST_DELAY_MS / 1000) * 1000)
