"""A job's life as a person reads it: what happened, and why nothing did in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from jobs.clock import to_instant_ms
from jobs.inspection.detail import Attempt, JobView
from jobs.words import lasting, several

ENDED: Final = {
    "completed": "completed",
    "failed": "failed",
    "timed_out": "timed out",
    "lost": "was lost with its worker",
    "released": "was given back unfinished",
    "snoozed": "was put off by its handler",
    "discarded": "was discarded by its handler",
    "running": "runs",
}
FREE: Final = frozenset({"released", "snoozed"})
STATES: Final = {
    "completed": "completed",
    "released": "pending",
    "snoozed": "scheduled",
    "discarded": "cancelled",
    "running": "active",
}
SHORTEST_GAP_MS: Final = 5
UNTIL_DUE: Final = {
    "": "Waited for its time",
    "released": "Waited for another worker, at no cost",
    "snoozed": "Put off, at no cost",
    "completed": "Until it was run again",
}
NOT_KNOWN: Final = {  # when it became due; for whom a delay may have come before the wait for a worker
    "": ("Waited to begin", "any delay that it had, and the wait for a worker"),
    "released": (UNTIL_DUE["released"], ""),
    "snoozed": (UNTIL_DUE["snoozed"], "and the wait for a worker"),
    "completed": (UNTIL_DUE["completed"], ""),
}
RETRIED: Final = ("Waited for the next attempt", "the retry delay and the wait for a worker")


class Hold(msgspec.Struct, frozen=True):
    """Why a pending job does not start: its queue or its type is paused, `since` then, or nobody serves the queue."""

    queue_paused: bool = False
    type_paused: bool = False
    since: str | None = None
    workers: int | None = None


FREE_TO_RUN: Final = Hold()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the story. `state` gives colour and icon; a gap is time in which nothing happened.

    `at` is when it happened, or will where `due`; `attempt` is the execution that it tells of.
    """

    title: str
    detail: str = ""
    state: str = "pending"
    at: str | None = None
    is_gap: bool = False
    due: bool = False
    attempt: Attempt | None = None


def story_of(job: JobView, now: str, hold: Hold = FREE_TO_RUN) -> list[Step]:
    """The story of a job that can be read, oldest first. `now` is the time of the look, as on the wire."""
    return list(_steps(job, now, hold))


def _steps(job: JobView, now: str, hold: Hold) -> Iterator[Step]:
    options = job.options
    priority = f", {options.priority} priority" if options else ""
    yield Step(title=f"Enqueued on {job.queue}{priority}", at=job.created_at)
    before = job.created_at
    missing = (job.executions or 0) - len(job.attempts)
    if missing > 0:
        title = f"{several(missing, 'earlier execution')} {'is' if missing == 1 else 'are'} no longer kept"
        yield Step(title=title, state="cancelled", is_gap=True)
        before = None
    last: Attempt | None = None
    for attempt in job.attempts:
        yield from _gap(before, attempt.claimed_at, job.run_at, last, attempt.attempt)
        yield _execution(attempt, job, now)
        before, last = attempt.ended_at, attempt
    yield from _ahead(job, before, now, last, hold)


def _execution(attempt: Attempt, job: JobView, now: str) -> Step:
    most = job.options.max_retries + 1 if job.options else None
    budget = f"Attempt {attempt.attempt}{f' of {most}' if most else ''}"
    if attempt.outcome in FREE:
        budget = f"Execution {attempt.number}"
    lasted = attempt.duration if attempt.duration is not None else _between(attempt.started_at, now)
    after = f" {'for' if attempt.outcome == 'running' else 'after'} {lasting(lasted)}" if lasted is not None else ""
    ended = ENDED.get(attempt.outcome, attempt.outcome)
    if attempt.outcome == "discarded" and (job.error or "").startswith("cancelled"):  # its worker was asked to end it
        ended = "was cancelled"
    return Step(
        title=f"{budget} {ended}{after}",
        detail=f"on {attempt.worker}",
        state=STATES.get(attempt.outcome, "dead"),
        at=attempt.ended_at or attempt.started_at,
        attempt=attempt,
    )


def _gap(before: str | None, after: str | None, due: str | None, last: Attempt | None, number: int) -> Iterator[Step]:
    """Why nothing happened until attempt `number`, or until it was due, began. `last`: the execution before.

    Of a job only its last due time is kept: it tells the wait until then from that for a worker in the gap where it is.
    """
    waited = _between(before, after)
    if waited is None or waited < SHORTEST_GAP_MS:
        return
    outcome = last.outcome if last else ""
    is_in_between = due is not None and before is not None and before <= due <= (after or due)
    if outcome == "released" or not is_in_between:
        why, detail = NOT_KNOWN.get(outcome, RETRIED)
        yield Step(title=f"{why}: {lasting(waited)}", detail=detail, is_gap=True)
        return
    until, then = _between(before, due) or 0, _between(due, after) or 0
    if until:
        dead = "Dead until it was tried again" if last and last.attempt >= number else "Waited out the retry delay"
        yield Step(title=f"{UNTIL_DUE.get(outcome, dead)}: {lasting(until)}", is_gap=True)
    if then:
        yield Step(title=f"Waited for a worker: {lasting(then)}", is_gap=True)


def _ahead(job: JobView, before: str | None, now: str, last: Attempt | None, hold: Hold) -> Iterator[Step]:
    """What it waits for, or how it ended."""
    status = job.status
    if status == "pending":
        is_later = job.run_at is not None and (before is None or job.run_at > before)
        since = job.run_at if is_later else before
        if is_later:
            yield from _gap(before, since, since, last, (job.attempts_made or 0) + 1)
        yield Step(title=_waiting(job, hold, now, since), is_gap=True, state="pending")
    elif status in ("scheduled", "retrying"):
        is_put_off = last is not None and last.outcome == "snoozed"
        why = "Next attempt" if status == "retrying" else "Put off until" if is_put_off else "Scheduled for"
        growing = _growing(job) if status == "retrying" and (job.run_at or now) > now else ""
        detail = (last.error_message or "") if is_put_off and last else growing
        yield Step(title=why, detail=detail, at=job.run_at, is_gap=True, due=True, state=status)
    elif status == "dead":
        yield Step(title="Dead", detail=_why_dead(job, last), state="dead", at=job.finished_at)
    elif status == "cancelled":
        why = (job.error or "").removeprefix("cancelled ")
        yield Step(title="Cancelled", detail=why, state="cancelled", at=job.finished_at)


def _growing(job: JobView) -> str:
    backoff = job.options.backoff if job.options else None
    return "the wait grows with each attempt" if backoff and backoff.factor > 1 else ""


def _why_dead(job: JobView, last: Attempt | None) -> str:
    spent, options = last.attempt if last else job.attempts_made, job.options
    if options is None or spent is None:
        return "no attempt is left, or its error forbids another"
    left = options.max_retries + 1 - spent
    return (
        f"its error forbids another attempt; {several(left, 'attempt')} unspent" if left > 0 else "no attempt is left"
    )


def _waiting(job: JobView, hold: Hold, now: str, since: str | None) -> str:
    waited = _between(since, now)
    words = f"Waits for a worker{f': {lasting(waited)} so far' if waited is not None else ''}"
    paused = _between(hold.since, now)
    so_far = f", for {lasting(paused)} so far" if paused is not None else ""
    if hold.queue_paused:
        return f"{words}. The queue {job.queue} is paused{so_far}"
    if hold.type_paused:
        return f"{words}. Jobs of type {job.type} are paused{so_far}"
    if hold.workers == 0:
        return f"{words}. No worker serves {job.queue}"
    return words


def _between(earlier: str | None, later: str | None) -> int | None:
    """Milliseconds, never below 0."""
    if earlier is None or later is None:
        return None
    return max(0, _ms(later) - _ms(earlier))


def _ms(instant: str) -> int:
    return to_instant_ms(datetime.fromisoformat(instant))
