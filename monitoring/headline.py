"""How an installation is, in one sentence: what is wrong first, the rest in few words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from jobs.inspection.status import Health, InstallationStatus
from jobs.words import lasting, rate, several

from .deaths import WINDOW_MS, Deaths
from .queue_row import QueueRow

MOST_TROUBLES: Final = 3
LONG_MS: Final = 60_000  # for which a job may wait where there is no LATENCY_GOAL


class Headline(msgspec.Struct, frozen=True):
    """The state, and why in a sentence."""

    health: Health
    sentence: str


def headline_of(
    status: InstallationStatus,
    rows: Sequence[QueueRow],
    deaths: Sequence[Deaths] = (),
    goal_ms: int = 0,
    breakers: str = "",
) -> Headline:
    """What to say over everything else: of parts, breakers, queues, and errors of which many jobs died.

    `goal_ms` is LATENCY_GOAL: from there on, and where more comes in than goes out, a backlog is worth a word.
    `breakers` says which of those before the store are not closed.
    """
    parts = [part.detail for part in status.parts if part.status != "healthy"] + [breakers] * bool(breakers)
    someone = any(worker.status != "lost" for worker in status.workers)
    said = [(row.cause.is_trouble, _words(row, someone, goal_ms or LONG_MS)) for row in rows]
    urgent, others = ([words for is_urgent, words in said if is_urgent is wanted] for wanted in (True, False))
    troubles = [words for words in (*urgent, _died(deaths), *others) if words]
    health: Health = "degraded" if status.status == "healthy" and (troubles or breakers) else status.status
    troubles = parts + troubles
    if not troubles:
        return Headline(health, _well(status))
    more = len(troubles) - MOST_TROUBLES
    words = "; ".join(words.rstrip(".") for words in troubles[:MOST_TROUBLES])
    words += f"; and {more} more" if more > 0 else ""
    return Headline(health, f"{words[0].upper()}{words[1:]}.")


def _words(row: QueueRow, someone: bool, long_ms: int) -> str:
    """What is wrong with a queue. `someone`: there are live workers, so that one without is worth a word of its own."""
    queue, cause = row.queue, row.cause
    if cause.word == "no workers" and someone:
        return f"no worker serves {queue.name}{_waiting(row)}"
    if cause.word == "dependency" and not cause.failing:
        return f"in {queue.name} {cause.why[0].lower()}{cause.why[1:]}"
    if cause.word == "dependency":
        return f"{cause.failing} % of executions of {queue.name} fail{_waiting(row)}"
    if queue.paused:
        return f"queue {queue.name} is paused{_waiting(row)}"  # a sentence may begin with it; names stay as they are
    if cause.word in {"load", "slow", "limit"} and (cause.growing or queue.oldest_age >= long_ms):
        jobs = f"{several(queue.pending, 'job')} {'waits' if queue.pending == 1 else 'wait'}"
        return f"in {queue.name} {jobs}, the oldest for {_age(row)}: {_because(row)}"
    return ""


def _because(row: QueueRow) -> str:
    """Why a backlog lasts."""
    queue, cause = row.queue, row.cause
    comes, goes = rate(queue.in_per_second), rate(queue.out_per_second)
    pace = f"as many come in as go out ({goes})" if comes == goes else f"more come in ({comes}) than go out ({goes})"
    words = [pace] if cause.growing else []
    if cause.word != "load":
        words.append(f"{cause.why[0].lower()}{cause.why[1:]}")
    elif not cause.growing and cause.clears_in_ms is not None:
        words.append(f"cleared in {lasting(cause.clears_in_ms)}")
    return ", ".join(words) or f"{cause.why[0].lower()}{cause.why[1:]}"


def _age(row: QueueRow) -> str:
    return lasting(row.queue.oldest_age // 1000 * 1000)


def _died(deaths: Sequence[Deaths]) -> str:
    """How many jobs died just now, and most of them of what."""
    if not deaths:
        return ""
    window, errors = lasting(WINDOW_MS).replace(" min", " minutes"), len({each.error for each in deaths})
    named = deaths[0].error + (" and others" if errors > 1 else "")
    return (
        f"{several(sum(each.count for each in deaths), 'job')} died in the last {window}: {named or 'see their errors'}"
    )


def _waiting(row: QueueRow) -> str:
    """How many wait, and since when."""
    queue = row.queue
    if not queue.pending:
        return ""
    return f": {several(queue.pending, 'job')} waiting" + (
        f", the oldest for {_age(row)}" if queue.oldest_age >= 1000 else ""
    )


def _well(status: InstallationStatus) -> str:
    alive = sum(worker.status != "lost" for worker in status.workers)
    active, pending = status.jobs.get("active", 0), status.jobs.get("pending", 0)
    waiting = f"{several(pending, 'job')} waiting" if pending else "no job waiting"
    doing = f"{several(active, 'job')} active" if active else waiting
    dead = status.jobs.get("dead", 0)  # whatever died a while ago is still there
    well, rest = ("No trouble now", f"; {dead:,} dead") if dead else ("All is well", "")
    return f"{well}: {several(alive, 'worker')}, {doing}{rest}."
