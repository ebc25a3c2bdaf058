"""One policy against one load."""

from __future__ import annotations

import math
from array import array
from collections import deque

import msgspec

from scaling.decision import Decision, decide
from scaling.ml.model import Model
from scaling.policy import Policy
from scaling.record import Record, Step

from .dependency import Dependency
from .fleet import Fleet
from .fragile import FragileFleet
from .points import Point, Points
from .report import Change, Report, summary
from .senses import Senses
from .slots import fleet_of
from .steps import Tell
from .workload import Workload

MEMORY_SECONDS = 900.0
LEAD = 60.0
FIRST_MINUTES = 600.0
STATIC_POINTS = 400


class Pool(msgspec.Struct, frozen=True):
    """What a simulated pool is like: seconds from a worker's launch to its first claim; workers at the start (None: as
    many as the load of the first ten minutes keeps busy, and their square root); what was trained for it; what its jobs
    call, None: nothing that can be saturated; how many jobs a worker runs at once."""

    startup: float = 20.0
    workers: int | None = None
    model: Model | None = None
    dependency: Dependency | None = None
    slots: int = 1

    def fleet(self, jobs: Workload, policy: Policy) -> Fleet:
        """Its workers before the first job. Raises ValueError for several slots beside a dependency."""
        first = -LEAD if jobs.scheduled else 0.0
        rest = (jobs.arrivals, jobs.services), _first_workers(jobs, policy, self), self.startup, first
        if self.dependency is None:
            return fleet_of(*rest, self.slots)
        if self.slots > 1:
            raise ValueError("with a dependency that can be saturated a worker runs one job at a time")
        return FragileFleet(*rest, self.dependency)


ORDINARY = Pool()


def simulate(jobs: Workload, policy: Policy, pool: Pool = ORDINARY, progress: Tell | None = None) -> Report:
    """Runs the policy's strategy and guards over the jobs until the load ends, and those that then wait to their end.

    Jobs that were put off can be seen coming for a minute before the first. `progress` is told the share done, 0 to 1.
    """
    fleet = pool.fleet(jobs, policy)
    senses = Senses(jobs, fleet, tells_usual=pool.dependency is None or pool.dependency.guarded)
    steps: deque[Step] = deque(maxlen=math.ceil(MEMORY_SECONDS / policy.interval))
    points = Points()
    changes: list[Change] = []
    made: Decision | None = None
    end = jobs.seconds
    while fleet.now < end or (not fleet.is_over and fleet.now < end + MEMORY_SECONDS):
        seen = senses.observe()
        made = decide(policy, seen, Record(steps, made.memory if made else {}, pool.model))
        steps.append(Step(seen, made.proposed, made.target))
        points.append(Point(fleet.now, made.target, seen.load, seen.oldest_age))
        if made.target != made.current:
            changes.append(Change(fleet.now, made.current, made.target))
            fleet.resize(made.target)
        fleet.advance(fleet.now + policy.interval)
        if progress is not None and len(points) % 500 == 0:
            progress(min(max(fleet.now / end, 0.0), 1.0))
    fleet.waits.extend(array("d", [math.inf]) * (len(jobs.arrivals) - len(fleet.waits)))
    report = summary(policy.strategy, fleet.waits, policy.wait_goal, fleet.cost, points, changes)
    return msgspec.structs.replace(report, attempts=fleet.attempts)


def static(jobs: Workload, workers: int, goal: float, slots: int = 1) -> Report:
    """What a fleet that never changes makes of the jobs."""
    fleet = fleet_of((jobs.arrivals, jobs.services), workers, 0.0, 0.0, slots)
    points = Points()
    for step in range(STATIC_POINTS):
        waiting, since = fleet.waiting()
        points.append(Point(fleet.now, workers, waiting + fleet.busy(), fleet.now - since if waiting else 0.0))
        fleet.advance(jobs.seconds * (step + 1) / STATIC_POINTS)
    fleet.advance(math.inf)
    return summary(f"static {workers}", fleet.waits, goal, workers * jobs.seconds, points, [])


def smallest_static(
    jobs: Workload, goal: float, share: float, sizes: tuple[int, int], slots: int = 1, progress: Tell | None = None
) -> Report:
    """The smallest fleet that lets at most `share` of the jobs wait longer than `goal` seconds, not smaller than the
    one of `sizes`; the other if none does."""
    (low, high), whole = sizes, math.log2(sizes[1] - sizes[0] + 2)
    while low < high:
        if progress is not None:
            progress(1 - math.log2(high - low + 1) / whole)
        middle = (low + high) // 2
        low, high = (low, middle) if static(jobs, middle, goal, slots).late <= share else (middle + 1, high)
    return static(jobs, low, goal, slots)


def _first_workers(jobs: Workload, policy: Policy, pool: Pool) -> int:
    if pool.workers is not None:
        return pool.workers
    span = min(FIRST_MINUTES, jobs.seconds)
    load = sum(1 for at in jobs.arrivals if at < span) / span * jobs.mean_service
    return max(policy.minimum, min(policy.maximum, math.ceil((load + math.sqrt(load)) / pool.slots)))
