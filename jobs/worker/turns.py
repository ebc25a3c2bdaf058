"""Who of several claimers may ask for how much, where one worker serves several partitions."""

from __future__ import annotations

import threading
from collections import deque
from time import monotonic
from typing import Final, NamedTuple

from .estimate import Estimate
from .slots import Slots

MOST_WHEN_WOKEN: Final = 2  # as for a single claimer
HOLDS: Final = 0.1  # seconds: a claim that is not answered by then is held up, and the others do not wait for it
WAIT: Final = 0.25


class _Promise(NamedTuple):
    jobs: int
    until: float


class Turns:
    """What all claimers together ask for fits into the worker: each takes its turn, and what it may have is promised.

    `at` is the number of a claimer's partition. Turns come in order of asking, so that partitions that all have work
    get equal shares of the slots. Safe for threads.
    """

    def __init__(self, slots: Slots, estimate: Estimate, partitions: int) -> None:
        self._slots = slots
        self._estimate = estimate
        self._partitions = partitions
        self._lock = threading.Lock()
        self._queue: deque[threading.Lock] = deque()
        self._promises: dict[int, _Promise] = {}
        self._spared: dict[int, int] = {}
        self._closed = False

    def take(self, at: int, most: int) -> int:
        """How many jobs may be claimed now, at most `most`. Waits for the turn, then for room.

        0: there was no room for a quarter of a second. Otherwise `answered` is called when the answer is there.
        """
        turn = threading.Lock()
        turn.acquire()
        with self._lock:
            self._queue.append(turn)
            if len(self._queue) == 1 or self._closed:
                turn.release()
        turn.acquire()
        try:
            return 0 if self._closed else self._room(at, most)
        finally:
            with self._lock:
                self._queue.remove(turn)
                if self._queue and not self._closed:
                    self._queue[0].release()

    def at_once(self, at: int, most: int) -> int:
        """The same without waiting: 0 where others wait for their turn, or there is no room."""
        with self._lock:
            return 0 if self._queue or self._closed else self._promise(at, most)

    def spare(self, at: int) -> int:
        """How many jobs may be claimed when something comes: slots that nobody needs now. Until `answered`."""
        with self._lock:
            free = self._slots.free - self._promised() - sum(self._spared.values())
            jobs = min(MOST_WHEN_WOKEN if free > self._partitions else 1, free)
            if jobs > 0 and not self._slots.waiting:
                self._spared[at] = jobs
                return jobs
            return 0

    def answered(self, at: int) -> None:
        """What was promised has come, or will not come."""
        with self._lock:
            self._promises.pop(at, None)
            self._spared.pop(at, None)
        self._slots.look_again()

    def close(self) -> None:
        """Nobody claims any more: all that wait return."""
        with self._lock:
            if not self._closed:
                self._closed = True
                for turn in list(self._queue)[1:]:
                    turn.release()
        self._slots.look_again()

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
        jobs = min(slots.free + max(ahead - slots.waiting, 0) - self._promised(), most)
        if jobs > 0:
            self._promises[at] = _Promise(jobs, monotonic() + HOLDS)
        return max(jobs, 0)

    def _promised(self) -> int:
        now = monotonic()
        return sum(promise.jobs for promise in self._promises.values() if promise.until > now)
