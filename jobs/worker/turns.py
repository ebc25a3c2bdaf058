"""Who of several claimers may ask for how much, where one worker serves several partitions."""

from __future__ import annotations

import threading
import time
from time import monotonic
from typing import Final, NamedTuple

from .claimer import MOST_WHEN_WOKEN
from .estimate import Estimate
from .slots import Slots

HOLDS: Final = 0.1  # seconds: a claim that is not answered by then is held up, and the others do not wait for it
MOST_LEAD: Final = 250  # jobs that a partition may have had beyond another one that has work too
WAIT: Final = 0.25
CATCH_UP: Final = 0.005  # seconds between two looks whether the others have caught up


class _Promise(NamedTuple):
    jobs: int
    until: float


class _Hungry:
    """A partition that has work: how many jobs it has had while others had work too, and when it last asked."""

    __slots__ = ("had", "seen")

    def __init__(self, had: int) -> None:
        self.had = had
        self.seen = 0.0


class Turns:
    """What all claimers together ask for fits into the worker: each takes its turn, and what it may have is promised.

    `at` is the number of a claimer's partition. Partitions that have work get equal numbers of jobs: of those that ask
    the one goes first that has had the fewest. Safe for threads.
    """

    def __init__(self, slots: Slots, estimate: Estimate, partitions: int) -> None:
        self._slots = slots
        self._estimate = estimate
        self._partitions = partitions
        self._lock = threading.Lock()
        self._waiting: dict[int, threading.Lock] = {}
        self._taking = False
        self._hungry: dict[int, _Hungry] = {}
        self._promises: dict[int, _Promise] = {}
        self._spared: dict[int, int] = {}
        self._closed = False

    def take(self, at: int, most: int) -> int:
        """How many jobs may be claimed now, at most `most`. Waits for the turn, then for room.

        0: there was none for a quarter of a second, or others have to catch up. Otherwise `answered` is called when
        the answer is there.
        """
        if not self._enter(at):
            time.sleep(CATCH_UP)
            return 0
        try:
            return 0 if self._closed else self._room(at, most)
        finally:
            with self._lock:
                self._taking = False
                self._next()

    def at_once(self, at: int, most: int) -> int:
        """The same without waiting: 0 where others wait for their turn, or there is no room."""
        with self._lock:
            self._ask(at)
            return 0 if self._taking or self._closed else self._promise(at, most)

    def spare(self, at: int) -> int:
        """How many jobs may be claimed when something comes: slots that nobody needs now. Until `answered`."""
        with self._lock:
            free = self._slots.free - self._promised() - sum(self._spared.values())
            jobs = min(MOST_WHEN_WOKEN if free > self._partitions else 1, free)
            if jobs > 0 and not self._slots.waiting:
                self._spared[at] = jobs
                return jobs
            return 0

    def answered(self, at: int, *, more: bool) -> None:
        """What was promised has come, or will not come. Whether the partition has `more` work, as far as it knows."""
        with self._lock:
            self._promises.pop(at, None)
            self._spared.pop(at, None)
            if more:
                self._ask(at)
            else:
                self._hungry.pop(at, None)
        self._slots.look_again()

    def close(self) -> None:
        """Nobody claims any more: all that wait return."""
        with self._lock:
            self._closed = True
            while self._waiting:
                self._waiting.popitem()[1].release()
        self._slots.look_again()

    def _enter(self, at: int) -> bool:
        """Wait for the turn. False where the others have to catch up first."""
        turn = threading.Lock()
        turn.acquire()
        with self._lock:
            self._ask(at)
            if self._lead(at) >= self._longest_lead() and not self._closed:
                return False
            self._waiting[at] = turn
            self._next()
        turn.acquire()
        return True

    def _next(self) -> None:
        """Give the turn to the partition that has had the fewest jobs of those that wait, if nobody has it."""
        if self._waiting and (self._closed or not self._taking):
            self._taking = True
            at = min(self._waiting, key=lambda at: self._hungry[at].had)
            self._waiting.pop(at).release()

    def _ask(self, at: int) -> None:
        """The partition has work, and asks for it. One that begins to ask has no credit from when it had none."""
        if at not in self._hungry:
            self._hungry[at] = _Hungry(min((each.had for each in self._hungry.values()), default=0))
        self._hungry[at].seen = monotonic()

    def _lead(self, at: int) -> int:
        """By how many jobs the partition is ahead of any other that was heard of just now."""
        since = monotonic() - HOLDS
        others = [each.had for each in self._hungry.values() if each.seen > since]
        return self._hungry[at].had - min(others, default=0)

    def _longest_lead(self) -> int:
        """About what is claimed at once: a long queue of short jobs, or a job a slot."""
        slots = self._slots
        return min(MOST_LEAD, slots.concurrency + self._estimate.ahead(slots.concurrency) // 2)

    def _room(self, at: int, most: int) -> int:
        ahead = self._estimate.ahead(self._slots.flowing())
        with self._lock:
            promised = self._promised()
        self._slots.wait_for_room(ahead // 2 - promised if ahead else -1, WAIT, promised)
        with self._lock:
            return 0 if self._closed else self._promise(at, most)

    def _promise(self, at: int, most: int) -> int:
        slots = self._slots
        ahead = self._estimate.ahead(slots.flowing())
        room = slots.free + max(ahead - slots.waiting, 0) - self._promised()
        if len(self._hungry) > 1:
            room = min(room, self._longest_lead() - self._lead(at))
        jobs = max(min(room, most), 0)
        if jobs:
            self._promises[at] = _Promise(jobs, monotonic() + HOLDS)
            self._count(at, jobs)
        return jobs

    def _count(self, at: int, jobs: int) -> None:
        """The partition has so many more. One that does not ask at present may have one lead to catch up, not more."""
        mine, since = self._hungry[at], monotonic() - HOLDS
        mine.had += jobs
        least = mine.had - self._longest_lead()
        for each in self._hungry.values():
            if each.seen <= since:
                each.had = max(each.had, least)

    def _promised(self) -> int:
        now = monotonic()
        return sum(promise.jobs for promise in self._promises.values() if promise.until > now)
