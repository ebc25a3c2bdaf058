"""What the live observer would say of a simulated fleet."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from scaling.observation import Observation, Rates

from .fleet import Fleet
from .workload import Workload

RECENT = 60.0


class Senses:
    """Turns the state of a fleet into observations; keeps the counters that a store would keep."""

    def __init__(self, jobs: Workload, fleet: Fleet) -> None:
        self._jobs = jobs
        self._fleet = fleet
        self._worked = list(accumulate(jobs.services, initial=0.0))
        self._marks: list[tuple[float, int]] = []
        self._first = fleet.now

    def observe(self) -> Observation:
        """The pool as it is now."""
        fleet, now = self._fleet, self._fleet.now
        arrived, started, active = bisect_right(self._jobs.arrivals, now), len(fleet.waits), fleet.busy()
        self._marks.append((now, started - active))
        oldest = now - self._jobs.arrivals[started] if arrived > started else 0.0
        return Observation(
            at=self._jobs.start + now,
            workers=len(fleet.free),
            starting=len(fleet.starting),
            draining=len(fleet.leaving),
            waiting=max(arrived - started, 0),
            active=active,
            oldest_age=oldest,
            arrivals=Rates(*(self._arrivals(arrived, seconds) for seconds in (15.0, 60.0, 300.0))),
            completions=Rates(*(self._completions(seconds) for seconds in (15.0, 60.0, 300.0))),
            due=self._jobs.due_after(now),
            service_time=self._service(started - active),
            usual_service_time=self._jobs.mean_service,
            error_rate=0.0,
            startup_time=fleet.startup,
        )

    def _arrivals(self, arrived: int, seconds: float) -> float | None:
        if self._fleet.now - seconds < self._first:
            return None
        return (arrived - bisect_right(self._jobs.arrivals, self._fleet.now - seconds)) / seconds

    def _completions(self, seconds: float) -> float | None:
        now, done = self._marks[-1]
        if now - seconds < self._first:
            return None
        index = bisect_right(self._marks, (now - seconds, 1 << 62)) - 1
        return (done - self._marks[index][1]) / (now - self._marks[index][0])

    def _service(self, done: int) -> float | None:
        """The mean processing time of the jobs that ended in the last minute."""
        index = bisect_right(self._marks, (self._fleet.now - RECENT, 1 << 62)) - 1
        before = self._marks[max(index, 0)][1]
        return (self._worked[done] - self._worked[before]) / (done - before) if done > before else None
