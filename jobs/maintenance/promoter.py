"""Starts delayed and retrying jobs on time: waits on its socket until the next one is due, woken by earlier ones."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Final

from jobs.errors import StoreError
from jobs.logs import get_logger
from jobs.store.codes import MoveCode
from jobs.store.keeper import Due
from jobs.store.store import Store

from .apart import Apart
from .duty import AT_ONCE, Duty, Result
from .leadership import Leadership, Terms

log = get_logger(__name__)
NAME: Final = "promoter"
TERMS: Final = Terms(lease=1.2, renew=0.3, retry=0.2)  # a dead holder makes jobs late by 1.5 s at most
BATCH: Final = 250
READ_AGAIN: Final = 1.0  # seconds: the longest wait without looking, whatever was or was not heard
MOST_BATCHES: Final = 8  # between two looks at the lease


class Promoter(Duty):
    """The timer. Listens to the channel on which scripts announce due times before it reads what is due."""

    def __init__(self, store: Store, leadership: Leadership) -> None:
        self._store = store
        self._keeper = store.keeper
        self._leadership = leadership
        self._channel = store.client.channel()
        self._subscribed = False
        self._apart = Apart(NAME)
        self._skips: dict[str, int] = {}  # by index: due jobs at its front whose queues cannot take them
        self._said: set[str] = set()

    def run_once(self) -> Result:
        """Promote all that is due, else wait for the next due time, an earlier one, or the next renewal."""
        try:
            if not self._subscribed:
                self._channel.call("SUBSCRIBE", self._store.keys.timer_channel)
                self._subscribed = True
            done, due_at = self._promote_due()
            wait = 0.0 if done else min(due_at - time.monotonic(), self._leadership.wait)
            if self._channel.listen(wait):
                self._drain()
        except StoreError:
            self._subscribed = False
            raise
        return Result(done, AT_ONCE)

    def close(self) -> None:
        """Stop listening."""
        self._channel.close()

    def _promote_due(self) -> tuple[int, float]:
        """How many jobs went to their queues, and until when (monotonic seconds) there are none."""
        keys, done, due_at = self._store.keys, 0, float("inf")
        for index, read in ((keys.scheduled, self._keeper.due_scheduled), (keys.retrying, self._keeper.due_retrying)):
            nothing = (0, time.monotonic() + READ_AGAIN)
            moved, until = self._apart.run(index, partial(self._promote_from, index, read), nothing)
            done, due_at = done + moved, min(due_at, until)
        return done, due_at

    def _promote_from(self, index: str, read: Callable[[int, int], Due]) -> tuple[int, float]:
        """The same for one index. What queues cannot take is passed over, if it is much in the next run too."""
        done, skip = 0, self._skips.get(index, 0)
        for _ in range(MOST_BATCHES):
            due = read(BATCH, skip)
            heard = time.monotonic()  # after the answer: never early by the server's clock
            moved, stuck = self._promote(index, due)
            done, skip = done + moved, skip + stuck
            if not moved and not stuck:
                break
        self._skips[index] = skip if len(due.jobs) + len(due.unreadable) == BATCH else 0
        wait = (due.next_ms - due.now) / 1000 if due.next_ms else READ_AGAIN
        return done, heard + min(wait, READ_AGAIN)

    def _promote(self, index: str, due: Due) -> tuple[int, int]:
        """How many jobs left the index, and how many have to stay."""
        token = self._leadership.token
        gone = self._keeper.quarantine(NAME, token, index, due.unreadable) if due.unreadable else 0
        codes = self._keeper.promote(NAME, token, due.jobs) if due.jobs else []
        stuck = [record.queue for (_, record), code in zip(due.jobs, codes, strict=False) if code is MoveCode.SPOILT]
        for queue in sorted({*stuck} - self._said):
            self._said.add(queue)
            log.error("jobs cannot go to their queue: its key holds something else", queue=queue)
        return gone + codes.count(MoveCode.DONE), len(stuck)

    def _drain(self) -> None:
        """What was heard together needs one look."""
        while self._channel.listen(0):
            pass
