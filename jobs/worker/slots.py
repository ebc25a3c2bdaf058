"""Who may run now: at most `concurrency` jobs at once, synchronous and asynchronous together."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic

from .estimate import HORIZON
from .held import Held


class Slots:
    """Hands claimed jobs to executors, oldest first; those beyond the free slots wait here.

    `start(held)` is called without the lock held and must not block: it passes the job to the executor of its kind,
    which calls `next` when the job is over. Safe for threads.
    """

    def __init__(self, concurrency: int, start: Callable[[Held], None]) -> None:
        self.concurrency = concurrency
        self._start = start
        self._lock = threading.Lock()
        self._free = concurrency
        self._waiting: deque[Held] = deque()
        self._running: set[Held] = set()
        self._passed_on: set[Held] = set()
        self._refill_below = 0
        self._bell: threading.Lock | None = None

    def submit(self, jobs: Sequence[Held]) -> None:
        """Take jobs in; those that find a free slot start now."""
        with self._lock:
            self._waiting.extend(jobs)
            ready = min(self._free, len(self._waiting))
            self._free -= ready
            first = [self._waiting.popleft() for _ in range(ready)]
        for held in first:
            self._start(held)

    def next(self, asynchronous: bool) -> Held | None:
        """The job that the caller, an executor of this kind whose job is over, shall run now.

        None: there is none, or the next one is of the other kind and was passed to its executor.
        """
        with self._lock:
            held = self._waiting.popleft() if self._waiting else None
            if held is None:
                self._free += 1
            bell = self._bell
            if bell is not None and (held is None or len(self._waiting) <= self._refill_below):
                self._bell = None
                bell.release()
        if held is None or held.handler is None or held.handler.is_async is asynchronous:
            return held
        self._start(held)
        return None

    def passed_on(self, held: Held) -> None:
        """An executor that may be held up has the job now. It asks `begins` before it runs it."""
        self._passed_on.add(held)

    def begins(self, held: Held) -> bool:
        """False when a job that was passed on was taken back meanwhile: it must not run, but still has its slot."""
        try:
            self._passed_on.remove(held)
        except KeyError:
            return False
        return True

    def held_up(self) -> list[Held]:
        """The jobs that were passed on and have not begun."""
        return list(self._passed_on)

    def entered(self, held: Held) -> None:
        """User code of the job begins."""
        self._running.add(held)

    def left(self, held: Held) -> bool:
        """User code of the job is over. False when the job was taken from it meanwhile: its outcome is void."""
        try:
            self._running.remove(held)
        except KeyError:
            return False
        return True

    def running(self) -> list[Held]:
        """The jobs whose user code runs."""
        return list(self._running)

    def take_waiting(self, before: float) -> list[Held]:
        """Take out the jobs that were received before that instant and have not started."""
        taken = []
        with self._lock:
            while self._waiting and self._waiting[0].received < before:
                taken.append(self._waiting.popleft())
        return taken

    def withdraw(self, held: Held) -> bool:
        """Take out a job that has not started. False when it has."""
        with self._lock:
            try:
                self._waiting.remove(held)
            except ValueError:
                return self.begins(held)
        return True

    @property
    def free(self) -> int:
        """Slots without a job."""
        return self._free

    @property
    def waiting(self) -> int:
        """Jobs without a slot."""
        return len(self._waiting)

    @property
    def idle(self) -> bool:
        """True when there is no job here at all."""
        return self._free == self.concurrency and not self._waiting

    def flowing(self) -> int:
        """Slots that are free, or whose job has not been running for longer than may be claimed ahead."""
        limit = monotonic() - HORIZON
        stuck = sum(1 for held in self.running() if held.started < limit)
        return max(self.concurrency - stuck, 0)

    def wait_for_room(self, refill_below: int, seconds: float, promised: int = 0) -> None:
        """Return when a slot is free or at most `refill_below` jobs wait, at the latest after `seconds`.

        -1 waits for a slot only. So many free slots are `promised` to somebody else. For one thread at a time.
        """
        bell = threading.Lock()
        bell.acquire()
        with self._lock:
            if self._free > promised or len(self._waiting) <= refill_below:
                return
            self._refill_below, self._bell = refill_below, bell
        bell.acquire(timeout=seconds)
        with self._lock:
            self._bell = None

    def look_again(self) -> None:
        """End a `wait_for_room` now: what was promised is free again."""
        with self._lock:
            bell, self._bell = self._bell, None
        if bell is not None:
            bell.release()
