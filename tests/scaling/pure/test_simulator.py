"""The simulator against theory, and against what a trace may hold."""

import itertools
import math
import random

import pytest

from scaling.policy import Policy
from scaling.simulator.erlang import waits, waits_over
from scaling.simulator.fleet import Fleet
from scaling.simulator.run import Pool, simulate, smallest_static, static
from scaling.simulator.senses import Senses
from scaling.simulator.trace import Trace, TraceError, from_requests, from_rows
from scaling.simulator.workload import workload


def test_the_formula_of_erlang_gives_its_known_value():
    assert waits(8, 10) == pytest.approx(0.4092, abs=5e-5)
    assert waits(10, 10) == 1.0


def test_a_fixed_fleet_waits_as_an_m_m_n_queue_does():
    """a = 8, n = 10: 40.92 % wait; the chance to wait more than 10 s with S = 10 s is C * exp(-2)."""
    rng = random.Random(5)
    arrivals = list(itertools.accumulate(rng.expovariate(0.8) for _ in range(300_000)))
    fleet = Fleet((arrivals, [rng.expovariate(0.1) for _ in arrivals]), 10, 0.0, 0.0)
    fleet.advance(math.inf)
    late = sum(wait > 10 for wait in fleet.waits) / len(arrivals)
    assert sum(wait > 0 for wait in fleet.waits) / len(arrivals) == pytest.approx(0.4092, abs=0.02)
    assert late == pytest.approx(waits_over(8, 10, 10, 10), abs=0.01)


def test_workers_cost_from_their_launch_to_the_end_of_their_drain():
    fleet = Fleet(([0.0], [7.0]), 1, 20.0, 0.0)
    fleet.advance(5.0)
    fleet.resize(2)
    fleet.advance(10.0)
    fleet.resize(1)  # the one that starts goes first
    assert fleet.cost == 15.0
    fleet = Fleet(([0.0], [7.0]), 1, 20.0, 0.0)
    fleet.advance(5.0)
    fleet.resize(0)
    fleet.advance(10.0)
    assert (fleet.cost, fleet.waits.tolist()) == (7.0, [0.0])


def test_the_same_seed_gives_the_same_report():
    jobs = workload(Trace("flat", 60.0, [2.0] * 20))
    policy = Policy(strategy="latency_target", minimum=2, maximum=50)
    report = simulate(jobs, policy)
    assert report == simulate(jobs, policy)
    assert report.jobs == len(jobs.arrivals)


def test_a_fleet_is_seen_at_the_time_of_its_trace():
    trace = Trace("of a pool", 60.0, [1.0] * 20, start=1_700_000_040.0).between(120.0, 1200.0)
    jobs = workload(trace)
    fleet = Fleet((jobs.arrivals, jobs.services), 2, 20.0, 0.0)
    fleet.advance(5.0)
    assert Senses(jobs, fleet).observe().at == 1_700_000_165.0


def test_the_smallest_fleet_is_the_smallest():
    jobs = workload(Trace("flat", 60.0, [2.0] * 20))
    found = smallest_static(jobs, 10.0, 0.01, (1, 50))
    size = int(found.strategy.removeprefix("static "))
    assert found.late <= 0.01 < static(jobs, size - 1, 10.0).late
    assert smallest_static(jobs, 10.0, 0.01, (size + 2, 50)).strategy == f"static {size + 2}"
    assert smallest_static(jobs, 10.0, 0.01, (1, size - 2)).strategy == f"static {size - 2}"


def test_gaps_and_rows_that_are_no_numbers_are_filled_and_order_is_mended():
    rows = [
        ("20", "3"),
        ("0", "1"),
        ("10", "nan"),
        ("x", "1"),
        ("30", "4"),
        ("40", "5"),
        ("60", "7"),
        ("50", "6"),
        ("70", "-8"),
    ]
    assert from_rows("odd", rows).rates == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("rows", [[], [("0", "1")], [("a", "b"), ("nan", "1")], [("0", "1"), ("1", "1"), ("1e9", "1")]])
def test_rows_without_a_load_are_refused(rows):
    with pytest.raises(TraceError):
        from_rows("empty", rows)


def test_requests_are_counted_in_buckets():
    assert from_requests("r", ["12", "3", "4"], 5.0).rates == [0.4, 0.2]


@pytest.mark.parametrize(("startup", "late"), [(20.0, 0.02), (1.0, 0.001)])
def test_the_latency_target_holds_its_goal_through_a_tenfold_step(startup, late):
    """Two minutes of lateness at most in hours: a step cannot be seen before it comes."""
    rates = [2.0] * 60 + [20.0] * 60 + [2.0] * 60
    jobs = workload(Trace("step", 60.0, rates))
    report = simulate(jobs, Policy(minimum=2, maximum=200, cooldown_down=40, stabilization=0), Pool(startup))
    assert report.late <= late
    assert report.p99 < 10


def test_jobs_put_off_are_met_by_workers_that_are_there():
    rates = [0.5] * 30 + [40.0] + [0.5] * 59
    seen = simulate(workload(Trace("batch", 10.0, rates, scheduled=True)), Policy(maximum=200))
    unseen = simulate(workload(Trace("batch", 10.0, rates)), Policy(maximum=200))
    assert seen.late < 0.02
    assert unseen.late > 0.2
