"""The clairvoyant bound against optima found by hand."""

from types import SimpleNamespace

import pytest

from scaling.simulator.bound import bound
from scaling.simulator.workload import Workload


def jobs(arrivals, service, seconds):
    return Workload(arrivals, [service] * len(arrivals), seconds, service)


def test_one_job_is_a_third_of_a_worker_in_the_first_half_minute():
    """10 s of work that must be done by 20 s: 10 / 30 of a worker in the first cell, which costs its launch."""
    assert bound(jobs([0.0], 10.0, 60.0), goal=10.0, startup=0.0) == pytest.approx(10.0)
    assert bound(jobs([0.0], 10.0, 60.0), goal=10.0, startup=20.0) == pytest.approx(10.0 + 20.0 / 3)


def test_a_steady_load_is_served_a_goal_late_with_a_little_less_than_one_worker():
    """180 s of work in 180 s: 170 of them must be done by then, so that 17 / 18 of a worker is launched."""
    steady = jobs([30.0 * at for at in range(6)], 30.0, 180.0)
    assert bound(steady, goal=10.0, startup=20.0) == pytest.approx(180.0 + 20.0 * 17 / 18)
    assert bound(steady, goal=0.0, startup=20.0) == pytest.approx(180.0 + 20.0)


def test_workers_that_must_be_there_cost_no_launch():
    assert bound(jobs([0.0], 10.0, 60.0), goal=10.0, startup=20.0, minimum=1) == pytest.approx(60.0)


def test_knowing_the_future_never_costs_more_than_a_longer_goal_or_start():
    load = jobs([float(at) for at in range(60)] + [100.0] * 40, 2.0, 180.0)
    assert bound(load, 20.0, 20.0) <= bound(load, 5.0, 20.0) <= bound(load, 5.0, 40.0)
    assert bound(load, 5.0, 0.0) == pytest.approx(200.0)


@pytest.mark.parametrize(
    ("message", "kind"),
    [("(HiGHS Status 18: Memory limit reached)", MemoryError), ("(HiGHS Status 4)", ArithmeticError)],
)
def test_a_solver_that_gives_up_says_why(monkeypatch, message, kind):
    given_up = SimpleNamespace(success=False, message=message)
    monkeypatch.setattr("scipy.optimize.linprog", lambda *_, **__: given_up)
    with pytest.raises(kind, match="the bound could not be computed"):
        bound(jobs([0.0], 10.0, 60.0), goal=10.0, startup=0.0)
