"""How an installation is, in one sentence: what is wrong first, the rest in few words."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from jobs.inspection.status import Health, InstallationStatus
from jobs.words import lasting, several

from .queue_row import QueueRow

MOST_TROUBLES = 3


class Headline(msgspec.Struct, frozen=True):
    """The state, and why in a sentence."""

    health: Health
    sentence: str


def headline_of(status: InstallationStatus, rows: Sequence[QueueRow]) -> Headline:
    """What to say over everything else."""
    troubles = [part.detail for part in status.parts if part.status != "healthy"]
    someone = any(worker.status != "lost" for worker in status.workers)
    queues = [words for row in rows if (words := _words(row, someone))]
    health: Health = "degraded" if status.status == "healthy" and queues else status.status
    troubles += queues
    if not troubles:
        return Headline(health, _well(status))
    more = len(troubles) - MOST_TROUBLES
    words = "; ".join(troubles[:MOST_TROUBLES]) + (f"; and {more} more" if more > 0 else "")
    return Headline(health, f"{words[0].upper()}{words[1:]}.")


def _words(row: QueueRow, someone: bool) -> str:
    """What is wrong with a queue. `someone`: there are live workers, so that one without is worth a word of its own."""
    queue, cause = row.queue, row.cause
    if cause.word == "no workers" and someone:
        return f"no worker serves {queue.name}{_waiting(row)}"
    if cause.word == "dependency":
        return f"most jobs of {queue.name} fail{_waiting(row)}"
    if queue.paused:
        return f"queue {queue.name} is paused{_waiting(row)}"  # a sentence may begin with it; names stay as they are
    return ""


def _waiting(row: QueueRow) -> str:
    """How many wait, and since when."""
    queue = row.queue
    if not queue.pending:
        return ""
    return f": {several(queue.pending, 'job')} waiting" + (
        f", the oldest for {lasting(queue.oldest_age // 1000 * 1000)}" if queue.oldest_age >= 1000 else ""
    )


def _well(status: InstallationStatus) -> str:
    alive = sum(worker.status != "lost" for worker in status.workers)
    active, pending = status.jobs.get("active", 0), status.jobs.get("pending", 0)
    waiting = f"{several(pending, 'job')} waiting" if pending else "no job waiting"
    doing = f"{several(active, 'job')} active" if active else waiting
    return f"All is well: {several(alive, 'worker')}, {doing}."
