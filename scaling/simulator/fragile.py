"""A fleet whose jobs call a dependency that can be saturated."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from heapq import heappop, heappush, heapreplace
from typing import Final

from .dependency import Dependency
from .fleet import Fleet

RETRY_AFTER: Final = 10.0
SEED: Final = 20

# when a call ends, its job, how long it took, whether it failed
Call = tuple[float, int, float, bool]


class FragileFleet(Fleet):
    """As `Fleet`; a call that fails is made again ten seconds later, until it succeeds. `waits` are those of the first
    attempt of each job. `running` are the calls and `again` (when, which job) what has failed: heaps."""

    def __init__(
        self, jobs: tuple[Sequence[float], Sequence[float]], workers: int, startup: float, now: float, on: Dependency
    ) -> None:
        super().__init__(jobs, workers, startup, now)
        self.on = on
        self.running: list[Call] = []
        self.again: list[tuple[float, int]] = []
        self._succeeded, self._failed, self._worked = 0, 0, 0.0
        self._random = random.Random(SEED)

    @property
    def is_over(self) -> bool:
        """Whether every job has succeeded."""
        return self._succeeded == len(self.arrivals)

    @property
    def attempts(self) -> float:
        """Attempts for each success."""
        return (self._succeeded + self._failed) / max(self._succeeded, 1)

    def busy(self) -> int:
        """The calls that run now."""
        return len(self.running)

    def waiting(self) -> tuple[int, float]:
        """The jobs that can be claimed, and since when the one that waits longest could."""
        fresh, since = super().waiting()
        due = sum(1 for at, _ in self.again if at <= self.now)
        return fresh + due, min(since, self.again[0][0]) if due else since

    def ended(self) -> tuple[int, int, float]:
        """How many executions succeeded, how many failed, and the seconds that those which succeeded took."""
        return self._succeeded, self._failed, self._worked

    def advance(self, until: float) -> None:
        """Starts all calls that can start before `until`, and ends those that end by then."""
        super().advance(until)
        self._end(until)

    def _start(self, until: float) -> None:
        while True:
            fresh = self.arrivals[len(self.waits)] if len(self.waits) < len(self.arrivals) else math.inf
            again = self.again[0][0] if self.again else math.inf
            start = max(self.free[0], min(fresh, again))
            if self._end(min(start, until)):
                continue  # what has just failed may be due first
            if start >= until:
                return
            if fresh <= again:
                job = len(self.waits)
                self.waits.append(start - fresh)
            else:
                job = heappop(self.again)[1]
            self._call(job, start)

    def _call(self, job: int, start: float) -> None:
        burden = self.on.burden(start, len(self.running) + 1)
        lasts = self.services[job] * burden
        heapreplace(self.free, start + lasts)
        heappush(self.running, (start + lasts, job, lasts, self._random.random() * burden > 1))

    def _end(self, until: float) -> bool:
        """End the calls that end by then. Whether one failed."""
        failed = self._failed
        while self.running and self.running[0][0] <= until:
            at, job, lasts, is_lost = heappop(self.running)
            if is_lost:
                self._failed += 1
                heappush(self.again, (at + RETRY_AFTER, job))
            else:
                self._succeeded += 1
                self._worked += lasts
        return self._failed > failed
