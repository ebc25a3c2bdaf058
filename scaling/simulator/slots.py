"""A fleet whose workers run several jobs at once."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush, heapreplace

from .fleet import Fleet


def fleet_of(
    jobs: tuple[Sequence[float], Sequence[float]], workers: int, startup: float, now: float, slots: int
) -> Fleet:
    """A fleet whose workers run so many jobs at once."""
    return Fleet(jobs, workers, startup, now) if slots == 1 else SlotFleet(jobs, workers, startup, now, slots)


class SlotFleet(Fleet):
    """As `Fleet`, with `slots` jobs a worker; a worker that leaves is paid until the last of its jobs is done.

    `seats` are the slots that claim, as (free next at, worker): a heap. `ends` are when the jobs of workers that leave
    are done: a heap.
    """

    def __init__(
        self, jobs: tuple[Sequence[float], Sequence[float]], workers: int, startup: float, now: float, slots: int
    ) -> None:
        super().__init__(jobs, 0, startup, now)
        self.slots = slots
        self.seats: list[tuple[float, int]] = []
        self.ends: list[float] = []
        self._crew: set[int] = set()
        self._hired = 0
        for _ in range(workers):
            self._hire(now)

    @property
    def workers(self) -> int:
        """The workers that claim."""
        return len(self._crew)

    def busy(self) -> int:
        """The jobs that run now, in claiming workers and in those that leave."""
        now = self.now
        return sum([end > now for end, _ in self.seats]) + len(self.ends)

    def _hire(self, at: float) -> None:
        self._crew.add(self._hired)
        for _ in range(self.slots):
            heappush(self.seats, (at, self._hired))
        self._hired += 1

    def _dismiss(self) -> float:
        """Send the worker away that is done first. When that is."""
        done: dict[int, float] = {}
        for end, worker in self.seats:
            done[worker] = max(done.get(worker, self.now), end)
        leaving = min(self._crew, key=lambda worker: (done[worker], worker))
        self._crew.remove(leaving)
        for end in [end for end, worker in self.seats if worker == leaving and end > self.now]:
            heappush(self.ends, end)
        self.seats = [seat for seat in self.seats if seat[1] != leaving]
        heapify(self.seats)
        return done[leaving]

    def advance(self, until: float) -> None:
        """Starts all jobs that can start before `until`."""
        super().advance(until)
        while self.ends and self.ends[0] <= until:
            heappop(self.ends)

    def _start(self, until: float) -> None:
        seats, append = self.seats, self.waits.append
        arrivals, services = self.arrivals, self.services
        for index in range(len(self.waits), len(arrivals)):
            arrived, (start, worker) = arrivals[index], seats[0]
            start = max(start, arrived)
            if start >= until:
                break
            append(start - arrived)
            heapreplace(seats, (start + services[index], worker))
