"""A claimed job in this worker's hands."""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING, Any

from jobs.interrupts import CancelRequested, TimeLimitReached
from jobs.types import Claim

if TYPE_CHECKING:
    from jobs.handlers.context import JobContext
    from jobs.handlers.registry import Handler
    from jobs.store.outcomes import Outcome


class Stop(Enum):
    """Why a running job is told to end."""

    TIMEOUT = TimeLimitReached.word
    CANCEL = CancelRequested.word


class Held:
    """From the claim until the store has acknowledged what became of the job. One thread at a time changes it.

    `received`, `started`, `ended` and `deadline` are seconds of the monotonic clock, 0 for not yet; `index` is its
    entry in the table, -1 while it has none; `stop` is why it was told to end, `task.interrupt(held, why)` tells the
    thread or task that runs it, `task.stacks()` says where that is; `job` is what its handler sees of it. An `outcome`
    of None in the outbox means that the job's type is unknown here.
    """

    __slots__ = (
        "claim", "deadline", "ended", "handler", "index", "job", "lost", "number", "outcome", "received", "started",
        "stop", "task",
    )  # fmt: skip

    def __init__(self, claim: Claim, number: int, handler: Handler | None, received: float) -> None:
        self.claim = claim
        self.number = number
        self.handler = handler
        self.received = received
        self.started = 0.0
        self.ended = 0.0
        self.deadline = math.inf
        self.index = -1
        self.outcome: Outcome | None = None
        self.stop: Stop | None = None
        self.lost = False
        self.task: Any = None
        self.job: JobContext | None = None

    @property
    def started_ms(self) -> int:
        """Milliseconds from the claim to the first line of user code."""
        return int((self.started - self.received) * 1000)

    @property
    def names(self) -> dict[str, object]:
        """What every line logged about the job carries."""
        record = self.claim.record
        return {"jobId": self.claim.id, "type": record.type, "attempt": record.attempts}
