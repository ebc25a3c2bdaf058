"""Processes that stand still instead of ending: nobody hears of it, so somebody has to look."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from jobs.auditor import Auditor
from jobs.states import State
from tests.engine.pools import HANDLERS, Pool
from tests.engine.stage import Stage
from tests.support.polling import wait_until
from tests.support.processes import alive

SHORT = {
    "LEASE_SECONDS": "2",
    "HEARTBEAT_SECONDS": "0.5",
    "QUEUEFLOW_HANDLERS": f"{HANDLERS},tests.engine.hostile_handlers",
}


def workers(stage: Stage, pool: Pool) -> set[int]:
    """The pids of the pool's workers."""
    below = {process.pid for process in pool.descendants()}
    return {seen.info.pid for seen in stage.store.registry.workers() if seen.info.pid in below}


def maintenance(stage: Stage, pool: Pool) -> psutil.Process:
    """The pool's process that runs no jobs."""
    known = workers(stage, pool)
    (only,) = [process for process in psutil.Process(pool.pid).children() if process.pid not in known]
    return only


@pytest.mark.slow
def test_an_idle_worker_that_stands_still_is_replaced(stage: Stage) -> None:
    with stage.pool("--max", "1", **SHORT) as pool:
        pool.await_ready(1)
        (pid,) = wait_until(lambda: workers(stage, pool))
        os.kill(pid, signal.SIGSTOP)
        assert stage.settled(stage.enqueue("noop"), 30).record.state is State.COMPLETED  # type: ignore[union-attr]
        wait_until(lambda: not psutil.pid_exists(pid))
        pool.signal(signal.SIGTERM)
        assert pool.wait() == 0
    assert Auditor(stage.store).run().findings == []


@pytest.mark.slow
def test_a_job_in_a_worker_that_stands_still_runs_elsewhere(stage: Stage) -> None:
    with stage.pool("--max", "1", **SHORT) as pool:
        pool.await_ready(1)
        job = stage.settled(stage.enqueue("stops-itself", timeout=600), 40)
        assert job.record is not None
        assert (job.record.state, job.record.executions) == (State.COMPLETED, 2)
    assert Auditor(stage.store).run().findings == []


@pytest.mark.slow
def test_maintenance_that_stands_still_is_replaced(stage: Stage) -> None:
    with stage.pool("--max", "1", **SHORT) as pool:
        pool.await_ready(1)
        wait_until(lambda: workers(stage, pool))
        frozen = maintenance(stage, pool)
        frozen.suspend()
        delayed = stage.enqueue("noop", delay_ms=100)
        assert stage.settled(delayed, 40).record.state is State.COMPLETED  # type: ignore[union-attr]
        wait_until(lambda: not alive([frozen]), 20)
        assert maintenance(stage, pool).pid != frozen.pid
