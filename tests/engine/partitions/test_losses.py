"""Processes end with jobs of all partitions in hand: none is lost, none completed twice."""

from __future__ import annotations

import signal

import pytest

from jobs.states import State
from tests.engine.partitions.ground import Ground
from tests.support.polling import wait_until

PARTITIONS = range(3)
JOBS = 12
BODY = {"seconds": 0.3}


def in_hand(ground: Ground) -> list[list[str]]:
    """Enqueue jobs in all partitions, and return their ids when some of each run."""
    ids = [ground.enqueue_many(at, JOBS, "sleep", BODY) for at in PARTITIONS]

    def run() -> bool:
        return all(any(record.state is State.ACTIVE for record in ground.records(some)) for some in ids)

    wait_until(run)
    return ids


def completed_once(ground: Ground, ids: list[list[str]]) -> None:
    """Return when all jobs are completed, each once, and each partition is in order."""
    for some in ids:
        ground.completes(some)
    assert ground.completed() == [JOBS] * 3
    assert ground.findings() == []


def test_a_killed_worker_costs_no_jobs_of_any_partition(ground: Ground) -> None:
    with ground.pool("--min", "1", "--max", "1", "--concurrency", "9") as pool:
        pool.await_ready(1)
        ids = in_hand(ground)
        [worker] = [each.info.pid for each in ground.store.registry.workers()]
        next(process for process in pool.descendants() if process.pid == worker).send_signal(signal.SIGKILL)
        completed_once(ground, ids)
        records = [record for some in ids for record in ground.records(some)]
        assert 3 <= sum(record.executions == 2 for record in records) <= 9 + 9
        assert {record.claimed - record.created < 5000 for record in records} == {True}, "before leases run out"


def test_a_pool_that_is_killed_costs_no_jobs_of_any_partition(ground: Ground) -> None:
    with ground.pool("--min", "1", "--max", "1", "--concurrency", "9", LEASE_SECONDS="1.5") as pool:
        pool.await_ready(1)
        ids = in_hand(ground)  # all of its processes are killed at the end of the block
    with ground.pool("--max", "1", "--concurrency", "9", LEASE_SECONDS="1.5"):
        completed_once(ground, ids)


@pytest.mark.parametrize("grace", ["10", "0"])
def test_a_pool_that_is_told_to_end_drains_all_partitions(ground: Ground, grace: str) -> None:
    with ground.pool("--max", "1", "--concurrency", "9", SHUTDOWN_GRACE_SECONDS=grace) as pool:
        pool.await_ready(1)
        ids = in_hand(ground)
        pool.signal(signal.SIGTERM)
        assert pool.wait() == 0
    records = [record for some in ids for record in ground.records(some)]
    assert {record.state for record in records} <= {State.PENDING, State.COMPLETED}
    assert {record.attempts for record in records if record.state is State.PENDING} <= {0}
    assert ground.findings() == []
