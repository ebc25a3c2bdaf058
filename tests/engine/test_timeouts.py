"""A job that runs too long ends, whatever it does; its worker's other jobs and slots do not suffer."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from jobs.states import State
from jobs.store.reader import StoredJob
from tests.engine.pools import Pool
from tests.engine.stage import Stage, result
from tests.support.polling import wait_until

pytestmark = pytest.mark.usefixtures("running_pool")


def timed_out(job: StoredJob) -> bool:
    """True when the job's last execution ended by its time-out."""
    return bool(job.history) and job.history[-1].error_type == "JobTimeout"


@pytest.mark.parametrize(
    ("job_type", "payload"),
    [
        ("busy", {}),
        ("busy-async", {}),
        ("sleep", {"seconds": 600}),
        ("sleep-async", {"seconds": 600}),
        ("regex", {}),
        ("deaf", {}),
        ("deaf-async", {}),
    ],
)
def test_a_job_that_does_not_end_times_out(
    module_stage: Stage, running_pool: Pool, job_type: str, payload: object
) -> None:
    began = time.monotonic()
    job = module_stage.run(job_type, payload, timeout=1.0, max_retries=0)
    assert time.monotonic() - began < 4.0
    assert job.record is not None
    assert job.record.state is State.DEAD
    assert timed_out(job)
    began = time.monotonic()
    quick = [module_stage.enqueue("sleep", {"seconds": 1}) for _ in range(4)]
    module_stage.await_completed(quick)
    assert time.monotonic() - began < 3.0


def test_a_timed_out_job_with_attempts_left_is_retried(module_stage: Stage) -> None:
    job_id = module_stage.enqueue("sleep", {"seconds": 600}, timeout=0.3, max_retries=1)
    job = module_stage.reached(job_id, State.RETRYING)
    assert job.record is not None
    assert (job.record.attempts, timed_out(job)) == (1, True)


@pytest.mark.parametrize("seconds", [0.6, 2.0])
def test_a_job_that_swallows_the_interrupt_is_never_completed(module_stage: Stage, seconds: float) -> None:
    job = module_stage.run("late", {"seconds": seconds}, timeout=0.3, max_retries=0)
    assert job.record is not None
    assert (job.record.state, timed_out(job)) == (State.DEAD, True)


def test_a_polite_job_costs_no_process(module_stage: Stage, running_pool: Pool) -> None:
    module_stage.run("noop")
    before = {process.pid for process in running_pool.descendants()}
    assert timed_out(module_stage.run("busy", timeout=0.3, max_retries=0))
    assert timed_out(module_stage.run("sleep-async", {"seconds": 600}, timeout=0.3, max_retries=0))
    assert {process.pid for process in running_pool.descendants()} == before


def test_jobs_beside_it_end_or_go_back_unspent(module_stage: Stage, tmp_path: Path) -> None:
    quick = module_stage.enqueue("sleep", {"seconds": 3.0})  # ends within the two seconds of the condemned process
    long = module_stage.enqueue("sleep", {"seconds": 8.0, "file": str(tmp_path / "starts")})
    module_stage.reached(long, State.ACTIVE)
    stuck = module_stage.run("sleep", {"seconds": 600}, timeout=1.0, max_retries=0)
    assert timed_out(stuck)
    assert module_stage.settled(quick).record.executions == 1  # type: ignore[union-attr]
    done = module_stage.settled(long, seconds=20)
    assert done.record is not None
    assert (done.record.state, done.record.attempts, done.record.executions) == (State.COMPLETED, 1, 2)


@pytest.mark.parametrize("job_type", ["waits-for-child", "forks-away"])
def test_no_child_process_outlives_the_job(module_stage: Stage, tmp_path: Path, job_type: str) -> None:
    pids = tmp_path / "pids"
    job = module_stage.run(job_type, {"file": str(pids)}, timeout=1.0, max_retries=0)
    assert timed_out(job)
    started = [int(line) for line in pids.read_text().splitlines()]
    assert started
    wait_until(lambda: not any(psutil.pid_exists(pid) for pid in started), 2.0)


def test_several_stuck_jobs_at_once(module_stage: Stage) -> None:
    """One of them stops every thread of the process."""
    began = time.monotonic()
    kinds = ["busy", "sleep", "regex", "deaf"]
    ids = [module_stage.enqueue(kind, {"seconds": 600}, timeout=2.0, max_retries=0) for kind in kinds]
    jobs = [module_stage.settled(job_id) for job_id in ids]
    assert time.monotonic() - began < 7.0
    assert all(timed_out(job) for job in jobs)
    assert result(module_stage.run("echo", "fine")) == "fine"
