"""A simulation takes memory by its jobs and evaluations, a strategy at a time."""

import tracemalloc

import pytest

from scaling.policy import Policy
from scaling.simulator.comparison import compare
from scaling.simulator.conditions import Conditions
from scaling.simulator.fleet import Fleet
from scaling.simulator.points import Point, Points
from scaling.simulator.run import simulate
from scaling.simulator.senses import FORGET_AT, Senses
from scaling.simulator.trace import Trace

FLAT = Trace("flat", 60.0, [100.0] * 5)
JOBS = 30_000


def test_a_job_takes_some_eighty_bytes_however_many_strategies_there_are():
    conditions = Conditions(service=0.05, minimum=0, maximum=20)
    compare(Trace("short", 60.0, [1.0] * 5), ["hpa"], conditions)  # imports what it needs
    tracemalloc.start()
    found = compare(FLAT, ["hpa", "aws_backlog", "celery"], conditions)
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.jobs == pytest.approx(JOBS, rel=0.03)
    assert most < 90 * JOBS + 300_000
    assert kept < 300_000
    assert {(row.report.points, row.report.late_jobs, row.report.changes) for row in found.rows} == {((), (), ())}


def test_points_are_kept_in_columns_and_come_back_as_they_were():
    points, given = Points(), [Point(5.0 * at, at, 2 * at, 0.5 * at) for at in range(5)]
    for point in given:
        points.append(point)
    assert (list(points), points[-1], points[1:3], len(points)) == (given, given[-1], given[1:3], 5)


def test_what_no_window_reaches_is_forgotten_and_changes_nothing(monkeypatch):
    jobs = Conditions(service=0.05).workload(Trace("flat", 60.0, [20.0] * 60))
    fleet = Fleet((jobs.arrivals, jobs.services), 2, 0.0, 0.0)
    senses = Senses(jobs, fleet)
    for _ in range(3 * FORGET_AT):
        seen = senses.observe()
        fleet.advance(fleet.now + 1.0)
    assert len(senses._times) <= FORGET_AT + 301
    assert seen.completions.last_300s == pytest.approx(20.0, rel=0.05)
    policy = Policy(strategy="latency_target", minimum=1, maximum=20, interval=1.0)
    forgetful = simulate(jobs, policy)
    monkeypatch.setattr("scaling.simulator.senses.FORGET_AT", 10**9)
    assert simulate(jobs, policy) == forgetful
