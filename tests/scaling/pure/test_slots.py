"""Simulated workers that run several jobs at once."""

import itertools
import math
import random

from scaling.policy import Policy
from scaling.simulator.comparison import compare
from scaling.simulator.conditions import Conditions
from scaling.simulator.fleet import Fleet
from scaling.simulator.run import Pool, simulate
from scaling.simulator.slots import SlotFleet
from scaling.simulator.trace import Trace
from scaling.simulator.workload import workload


def test_two_workers_of_five_slots_run_jobs_as_ten_workers_do():
    rng = random.Random(7)
    arrivals = list(itertools.accumulate(rng.expovariate(4.5) for _ in range(5000)))
    jobs = arrivals, [rng.expovariate(0.5) for _ in arrivals]
    one, five = Fleet(jobs, 10, 0.0, 0.0), SlotFleet(jobs, 2, 0.0, 0.0, 5)
    for moment in range(0, 1200, 10):
        one.advance(float(moment))
        five.advance(float(moment))
        assert (five.busy(), five.waiting(), five.ended()) == (one.busy(), one.waiting(), one.ended())
    assert five.waits == one.waits
    assert five.cost == one.cost / 5


def test_who_is_done_first_leaves_and_is_paid_until_the_last_of_its_jobs():
    fleet = SlotFleet(([0.0, 0.0, 1.0, 1.0], [9.0, 3.0, 4.0, 1.0]), 2, 20.0, 0.0, 2)  # 9 and 3, then 5 and 2
    fleet.advance(2.5)
    fleet.resize(1)
    assert (fleet.workers, len(fleet.leaving), fleet.busy()) == (1, 1, 3)
    fleet.advance(4.0)
    assert (fleet.busy(), fleet.cost) == (2, 2 * 2.5 + 2.5 + 1.5)  # that of 5 leaves: paid at once until then
    fleet.advance(6.0)
    assert (len(fleet.leaving), fleet.busy()) == (0, 1)


def test_a_worker_that_starts_brings_all_of_its_slots():
    fleet = SlotFleet(([0.0] * 4, [10.0] * 4), 0, 2.0, 0.0, 3)
    fleet.resize(1)
    fleet.advance(math.nextafter(2.0, 3.0))
    fleet.advance(30.0)
    assert fleet.waits.tolist() == [2.0, 2.0, 2.0, 12.0]


def test_a_strategy_is_told_the_slots_and_needs_fewer_workers():
    jobs = workload(Trace("flat", 60.0, [10.0] * 60))
    policy = Policy(strategy="latency_target", minimum=1, maximum=50)
    one, five = (simulate(jobs, policy, Pool(slots=slots)) for slots in (1, 5))
    assert one.late < 0.01
    assert five.late < 0.01
    assert one.worker_hours / 5.5 < five.worker_hours < one.worker_hours / 4


def test_a_comparison_counts_workers_whatever_they_run_at_once():
    trace = Trace("flat", 60.0, [10.0] * 30)
    one, five = (compare(trace, [], Conditions(minimum=0, slots=slots)) for slots in (1, 5))
    assert five.bound is not None
    assert one.bound is not None
    assert abs(five.bound - one.bound / 5) < 0.02 * five.bound
    assert one.rows[0].title in {f"static {5 * int(five.rows[0].title[7:]) - less}" for less in range(5)}
