"""What jobs leave behind in their worker, and how they try to get away from it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jobs.auditor import Auditor
from jobs.states import State
from tests.engine.pools import HANDLERS, Pool
from tests.engine.stage import Stage, result
from tests.support.polling import wait_until


@pytest.fixture
def pool(stage: Stage) -> Iterator[Pool]:
    """Give a pool of one worker with four slots, which ends in peace and leaves the store whole."""
    handlers = f"{HANDLERS},tests.engine.hostile_handlers"
    size = ("--max", "1", "--concurrency", "4")
    with stage.pool(*size, QUEUEFLOW_HANDLERS=handlers, SHUTDOWN_GRACE_SECONDS="2") as running:
        yield running.await_ready(1)
        running.signal(signal.SIGTERM)
        assert running.wait() == 0
    assert Auditor(stage.store).run().findings == []


def test_a_job_that_left_its_process_group_is_killed_all_the_same(stage: Stage, pool: Pool) -> None:
    job = stage.run("leaves-its-group", timeout=1.0, max_retries=0)
    assert job.record is not None
    assert job.record.state is State.DEAD
    assert job.history[-1].error_type == "JobTimeout"


def test_a_child_that_hides_from_its_worker_ends_with_the_job(stage: Stage, pool: Pool, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    assert stage.run("hides-a-child", {"file": str(pids)}, timeout=1.0, max_retries=0).record.state is State.DEAD  # type: ignore[union-attr]
    (child,) = map(int, pids.read_text().split())
    wait_until(lambda: not psutil.pid_exists(child), 3.0)


@pytest.mark.slow
def test_a_loop_that_was_left_blocked_costs_its_worker(stage: Stage, pool: Pool) -> None:
    """Nothing on it has a deadline: without a look at it, jobs would wait there for ever."""
    stage.run("leaves-a-blocker")
    behind = [stage.enqueue("noop-async") for _ in range(3)]
    beside = stage.run("noop")
    assert beside.record is not None
    for job_id in behind:
        job = stage.settled(job_id, 30)
        assert job.record is not None
        assert (job.record.state, job.record.attempts) == (State.COMPLETED, 1)


def test_a_broken_loop_costs_its_worker(stage: Stage, pool: Pool) -> None:
    stage.run("breaks-the-loop")
    assert stage.run("noop-async").record.state is State.COMPLETED  # type: ignore[union-attr]
    assert len(pool.output.splitlines()) < 100


def test_a_worker_that_can_open_no_more_files_is_replaced(stage: Stage, pool: Pool) -> None:
    """It would go on to claim jobs whose outcomes it cannot bring to the store, or wait for a store that is well."""
    stage.run("noop")
    crippled = result(stage.run("forbids-files"))
    stage.store.close()  # it shall meet the worker's connections only
    with stage.server.client() as client:
        client.client_kill_filter(_type="normal", skipme=True)
    ids = stage.enqueue_many(20, "noop")
    stage.await_completed(ids, 10.0)
    assert {stage.store.reader.job(job_id).record.attempts for job_id in ids} == {1}  # type: ignore[union-attr]
    wait_until(lambda: not psutil.pid_exists(crippled), 10.0)


@pytest.mark.slow
def test_jobs_that_kill_their_worker_hold_the_others_up_for_a_second_each(stage: Stage, pool: Pool) -> None:
    """Eight deaths in a row, each answered like one at the start, would stop the pool for a minute."""
    for _ in range(8):
        job = stage.settled(stage.enqueue("segfault-once", max_retries=1), 5.0)
        assert job.record is not None
        assert (job.record.state, job.record.attempts) == (State.COMPLETED, 2)
