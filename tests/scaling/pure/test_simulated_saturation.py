"""A dependency that is saturated for half an hour, in the simulator."""

import pytest

from scaling.policy import Policy
from scaling.simulator.conditions import Conditions
from scaling.simulator.dependency import Dependency
from scaling.simulator.fragile import FragileFleet
from scaling.simulator.run import Pool, simulate
from scaling.simulator.trace import Trace

# 16 workers' worth of jobs, and 28 for ten minutes while the dependency takes 20 calls at once.
BURST = Trace("burst", 60.0, [8.0] * 20 + [14.0] * 10 + [8.0] * 30)
UNTIL = 1800.0


@pytest.fixture(scope="module")
def outcomes():
    def run(guarded):
        dependency = Dependency(limit=20, since=900.0, until=UNTIL, guarded=guarded)
        return simulate(Conditions().workload(BURST), Policy(minimum=2, maximum=200), Pool(dependency=dependency))

    return run(True), run(False)


def test_the_guard_saves_workers_and_attempts(outcomes):
    guarded, bare = outcomes
    assert guarded.attempts < 1.08 < bare.attempts
    assert guarded.worker_hours < 0.7 * bare.worker_hours
    meanwhile = [point.workers for point in guarded.points if 1300 < point.at < UNTIL]
    assert sum(meanwhile) / len(meanwhile) < 30
    assert max(point.workers for point in bare.points if 1300 < point.at < UNTIL) == 200


def test_the_backlog_clears_once_it_is_over(outcomes):
    guarded, _ = outcomes
    waits = {point.at - UNTIL: point.wait for point in guarded.points}
    assert waits[0.0] > 60
    assert max(wait for after, wait in waits.items() if after > 300) < 10


def test_calls_beyond_the_limit_last_longer_and_fail_in_step():
    dependency = Dependency(limit=2, since=10.0, until=20.0)
    assert [dependency.burden(at, 5) for at in (9.9, 10.0, 20.0)] == [1.0, 2.5, 1.0]
    assert dependency.burden(10.0, 2) == 1.0
    with pytest.raises(ValueError, match="at least 1 call"):
        Dependency(limit=0)


def test_each_job_succeeds_once_however_often_it_is_tried():
    jobs = ([0.1 * at for at in range(300)], [1.0] * 300)
    fleet = FragileFleet(jobs, 30, 0.0, 0.0, Dependency(limit=5))
    for step in range(200):
        fleet.advance(step * 5.0)
    succeeded, failed, worked = fleet.ended()
    assert (succeeded, fleet.is_over, fleet.waiting()[0], fleet.busy()) == (300, True, 0, 0)
    assert fleet.attempts == pytest.approx((300 + failed) / 300)
    assert failed > 30
    assert worked > 300.0
