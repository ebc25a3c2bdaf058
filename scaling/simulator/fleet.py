"""First in, first out, through workers that come and go."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from heapq import heappop, heappush, heapreplace
from itertools import accumulate


class Fleet:
    """The workers of a simulation and the jobs they have started. Times are in seconds of virtual time.

    Each runs one job at a time. `free` is when each claiming worker is free next (a heap), `starting` when each that
    was launched will claim, `leaving` when each that drains is done (a heap). `waits` has the seconds that each
    job which was started waited. `cost` is in worker-seconds, from each launch to the end of the worker's drain.
    """

    def __init__(self, jobs: tuple[Sequence[float], Sequence[float]], workers: int, startup: float, now: float) -> None:
        self.arrivals, self.services = jobs
        self.startup = startup
        self.slots = 1
        self.free = [now] * workers
        self.starting: list[float] = []
        self.leaving: list[float] = []
        self.waits = array("d")
        self.cost = 0.0
        self.now = now

    @property
    def workers(self) -> int:
        """The workers that claim."""
        return len(self.free)

    @property
    def supply(self) -> int:
        """The workers that claim or will soon."""
        return self.workers + len(self.starting)

    @property
    def is_over(self) -> bool:
        """Whether every job has been started."""
        return len(self.waits) == len(self.arrivals)

    @property
    def attempts(self) -> float:
        """Attempts for each success."""
        return 1.0

    def resize(self, workers: int) -> None:
        """Launches workers, or sends away: the youngest of those starting, then idle ones, then who is free next."""
        while self.supply < workers:
            self.starting.append(self.now + self.startup)
        while self.supply > workers:
            if self.starting:
                self.starting.pop()
            else:
                busy_until = self._dismiss()
                self.cost += busy_until - self.now
                heappush(self.leaving, busy_until)

    def advance(self, until: float) -> None:
        """Starts all jobs that can start before `until`."""
        self.cost += self.supply * (until - self.now)
        while self.starting and self.starting[0] < until:
            self._hire(self.starting.pop(0))
        while self.leaving and self.leaving[0] <= until:
            heappop(self.leaving)
        self.now = until
        if self.workers:
            self._start(until)

    def _hire(self, at: float) -> None:
        heappush(self.free, at)

    def _dismiss(self) -> float:
        """Send away the worker that is free next, or idle already. When it is."""
        return max(heappop(self.free), self.now)

    def _start(self, until: float) -> None:
        free, append = self.free, self.waits.append
        arrivals, services = self.arrivals, self.services
        for index in range(len(self.waits), len(arrivals)):
            arrived, start = arrivals[index], free[0]
            start = max(start, arrived)
            if start >= until:
                break
            append(start - arrived)
            heapreplace(free, start + services[index])

    def busy(self) -> int:
        """The jobs that run now, in claiming workers and in those that leave."""
        now = self.now
        return sum([end > now for end in self.free]) + len(self.leaving)

    def waiting(self) -> tuple[int, float]:
        """The jobs that can be claimed, and since when the one that waits longest could."""
        started = len(self.waits)
        count = bisect_right(self.arrivals, self.now) - started
        return max(count, 0), self.arrivals[started] if count > 0 else math.inf

    def ended(self) -> tuple[int, int, float]:
        """How many executions succeeded, how many failed, and the seconds that those which succeeded took."""
        done = len(self.waits) - self.busy()
        return done, 0, self._worked_until[done]

    @cached_property
    def _worked_until(self) -> Sequence[float]:
        return array("d", accumulate(self.services, initial=0.0))
