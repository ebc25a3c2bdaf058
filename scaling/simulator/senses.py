"""What the live observer would say of a simulated fleet."""

from __future__ import annotations

from bisect import bisect_right

from scaling.observation import Observation, Rates

from .fleet import Fleet
from .workload import Workload

RECENT, LONG = 60.0, 300.0
WINDOWS = (15.0, RECENT, LONG)
FORGET_AT = 1000  # marks


class Senses:
    """Turns the state of a fleet into observations; keeps the counters that a store would keep.

    `tells_usual` False: nobody is told how long jobs usually take.
    """

    def __init__(self, jobs: Workload, fleet: Fleet, *, tells_usual: bool = True) -> None:
        self._jobs = jobs
        self._fleet = fleet
        self._usual = jobs.mean_service if tells_usual else None
        self._times: list[float] = []
        self._marks: list[tuple[int, int, float]] = []
        self._first = fleet.now

    def observe(self) -> Observation:
        """The pool as it is now."""
        fleet, now = self._fleet, self._fleet.now
        active = fleet.busy()
        waiting, since = fleet.waiting()
        self._remember(now)
        arrived = bisect_right(self._jobs.arrivals, now)
        done, failed, worked = self._lately(RECENT)
        if not done:
            done, _, worked = self._lately(LONG)
        return Observation(
            at=self._jobs.start + now,
            workers=fleet.workers,
            starting=len(fleet.starting),
            draining=len(fleet.leaving),
            waiting=waiting,
            active=active,
            oldest_age=now - since if waiting else 0.0,
            arrivals=Rates(*(self._arrivals(arrived, seconds) for seconds in WINDOWS)),
            completions=Rates(*(self._completions(seconds) for seconds in WINDOWS)),
            due=self._jobs.due_after(now),
            service_time=worked / done if done else None,
            usual_service_time=self._usual,
            error_rate=failed / (done + failed) if failed else 0.0,
            startup_time=fleet.startup,
            slots=fleet.slots,
        )

    def _remember(self, now: float) -> None:
        """Count what has ended by now, and forget what no window reaches any more."""
        self._times.append(now)
        self._marks.append(self._fleet.ended())
        if len(self._times) > FORGET_AT and (past := bisect_right(self._times, now - LONG) - 1) > FORGET_AT // 2:
            del self._times[:past], self._marks[:past]

    def _arrivals(self, arrived: int, seconds: float) -> float | None:
        if self._fleet.now - seconds < self._first:
            return None
        return (arrived - bisect_right(self._jobs.arrivals, self._fleet.now - seconds)) / seconds

    def _completions(self, seconds: float) -> float | None:
        if self._times[-1] - seconds < self._first:
            return None
        return self._lately(seconds)[0] / seconds

    def _lately(self, seconds: float) -> tuple[int, int, float]:
        """How many executions succeeded and failed in the last seconds, and the work of those which succeeded."""
        index = max(bisect_right(self._times, self._times[-1] - seconds) - 1, 0)
        done, failed, worked = self._marks[-1]
        before = self._marks[index]
        return done - before[0], failed - before[1], worked - before[2]
