"""A pool of real processes under signals, crashes and changing orders."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import psutil
import pytest

from jobs.states import State
from tests.engine.pools import HANDLERS
from tests.engine.stage import Stage, result
from tests.support.polling import wait_until
from tests.support.processes import alive


def worker_pids(stage: Stage) -> set[int]:
    """The pids of the workers that live and say so."""
    return {seen.info.pid for seen in stage.store.registry.workers() if seen.alive and psutil.pid_exists(seen.info.pid)}


def await_workers(stage: Stage, count: int) -> set[int]:
    """Return the pids of the workers once there are so many."""
    wait_until(lambda: len(worker_pids(stage)) == count, 20)
    return worker_pids(stage)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_worker_is_replaced_and_spends_the_attempt(
    stage: Stage, tmp_path: Path, number: signal.Signals
) -> None:
    starts = tmp_path / "starts"
    with stage.pool("--max", "1") as pool:
        pool.await_ready(1)
        job_id = stage.enqueue("sleep", {"seconds": 600, "file": str(starts)}, max_retries=1)
        wait_until(starts.exists)
        waiting = stage.enqueue_many(3, "note", {"file": str(tmp_path / "notes")}, delay_ms=1)
        (pid,) = await_workers(stage, 1)
        os.kill(pid, number)
        job = stage.reached(job_id, State.RETRYING, seconds=5)
        assert job.record is not None
        assert job.record.attempts == 1
        assert job.history[0].error_type == "WorkerLost"
        assert signal.Signals(number).name in job.history[0].message
        assert job.history[0].worker.split("-")[-2] == str(pid)
        stage.await_completed(waiting)
        assert pid not in await_workers(stage, 1)


@pytest.mark.parametrize("how", ["exit", "SIGSEGV", "SIGABRT"])
def test_a_handler_that_ends_its_process_costs_that_process_only(stage: Stage, tmp_path: Path, how: str) -> None:
    with stage.pool("--min", "2", "--max", "2") as pool:
        pool.await_ready(2)
        before = await_workers(stage, 2)
        job = stage.run("dies", {"how": how}, max_retries=0)
        assert job.record is not None
        assert (job.record.state, job.record.attempts) == (State.DEAD, 1)
        assert len(before & await_workers(stage, 2)) == 1


def test_jobs_that_never_started_spend_nothing_when_their_worker_dies(stage: Stage, tmp_path: Path) -> None:
    """The only slot is taken by the job that kills the process; one more job is claimed ahead of it now and then."""
    with stage.pool("--max", "1", "--concurrency", "1") as pool:
        pool.await_ready(1)
        stage.await_completed(stage.enqueue_many(500, "noop"))
        stage.store.operator.pause("default")
        killer = stage.enqueue("dies", {"how": "SIGKILL"}, max_retries=0)
        others = stage.enqueue_many(100, "noop", max_retries=0)
        stage.store.operator.resume("default")
        assert stage.settled(killer).record.state is State.DEAD  # type: ignore[union-attr]
        stage.await_completed(others)


def test_sigterm_waits_for_running_jobs(stage: Stage) -> None:
    with stage.pool("--min", "2", "--max", "2", "--concurrency", "25", SHUTDOWN_GRACE_SECONDS="10") as pool:
        pool.await_ready(2)
        ids = stage.enqueue_many(50, "sleep", {"seconds": 2.0})
        wait_until(lambda: stage.count(State.ACTIVE) == 50)
        more = stage.enqueue_many(10, "noop")
        pool.signal(signal.SIGTERM)
        assert pool.wait(10) == 0
        records = stage.store.reader.records(ids)
        assert all(record and (record.state, record.attempts) == (State.COMPLETED, 1) for record in records)
        assert all(record and record.state is State.PENDING for record in stage.store.reader.records(more))
        assert not worker_pids(stage)
        assert stage.store.registry.workers() == []


def test_what_outlasts_the_grace_period_is_released_unspent(stage: Stage, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    with stage.pool("--max", "1", SHUTDOWN_GRACE_SECONDS="0.5") as pool:
        pool.await_ready(1)
        ids = [stage.enqueue("sleep", {"seconds": 600}), stage.enqueue("sleep-async", {"seconds": 600})]
        ids.append(stage.enqueue("waits-for-child", {"file": str(pids)}))
        wait_until(lambda: pids.exists() and len(pids.read_text().splitlines()) == 2)
        pool.signal(signal.SIGTERM)
        assert pool.wait(10) == 0
        for record in stage.store.reader.records(ids):
            assert record is not None
            assert (record.state, record.attempts, record.releases) == (State.PENDING, 0, 1)
        started = [int(line) for line in pids.read_text().splitlines()]
        wait_until(lambda: not any(psutil.pid_exists(pid) for pid in started), 2.0)


def test_a_worker_that_cannot_drain_is_killed_and_its_jobs_go_back(stage: Stage) -> None:
    with stage.pool("--max", "1", SHUTDOWN_GRACE_SECONDS="0") as pool:
        pool.await_ready(1)
        job_id = stage.enqueue("regex", timeout=600)
        stage.reached(job_id, State.ACTIVE)
        pool.signal(signal.SIGTERM)
        assert pool.wait(20) == 0
        record = stage.reached(job_id, State.PENDING).record
        assert record is not None
        assert record.attempts == 0


def test_a_second_sigterm_ends_at_once(stage: Stage) -> None:
    with stage.pool("--max", "1") as pool:
        pool.await_ready(1)
        stage.reached(stage.enqueue("sleep", {"seconds": 600}), State.ACTIVE)
        below = pool.descendants()
        pool.signal(signal.SIGTERM)
        wait_until(lambda: "the pool drains" in pool.output)
        pool.signal(signal.SIGTERM)
        assert pool.wait(3) == 1
        wait_until(lambda: not alive(below))


def test_sighup_replaces_all_workers(stage: Stage) -> None:
    with stage.pool("--min", "3", "--max", "3") as pool:
        pool.await_ready(3)
        before = await_workers(stage, 3)
        pool.signal(signal.SIGHUP)
        wait_until(lambda: len(worker_pids(stage)) == 3 and not worker_pids(stage) & before, 20)
        assert result(stage.run("echo", 1)) == 1


def test_workers_drain_by_themselves_when_the_supervisor_is_killed(stage: Stage, tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    with stage.pool("--min", "2", "--max", "2") as pool:
        pool.await_ready(2)
        job_id = stage.enqueue("sleep", {"seconds": 1.0, "file": str(starts)})
        wait_until(starts.exists)
        below = pool.descendants()
        pool.signal(signal.SIGKILL)
        assert result(stage.settled(job_id)) == "slept"
        wait_until(lambda: not alive(below), 10)


def test_the_pool_follows_the_desired_count(stage: Stage) -> None:
    with stage.pool("--min", "1", "--max", "6") as pool:
        pool.await_ready(1)
        stage.store.registry.set_desired("default", 5)
        await_workers(stage, 5)
        busy = stage.enqueue("sleep", {"seconds": 3.0})
        holder = stage.reached(busy, State.ACTIVE).record
        stage.store.registry.set_desired("default", 1)
        (pid,) = await_workers(stage, 1)
        assert holder is not None
        assert holder.worker.split("-")[-2] == str(pid)  # an idle worker goes first
        assert stage.settled(busy).record.executions == 1  # type: ignore[union-attr]
        stage.store.registry.set_desired("default", 100)
        await_workers(stage, 6)


def test_a_lost_maintenance_process_comes_back(stage: Stage) -> None:
    with stage.pool("--max", "1") as pool:
        pool.await_ready(1)
        (worker,) = await_workers(stage, 1)
        (maintenance,) = [process for process in pool.descendants() if process.pid != worker]
        maintenance.kill()
        job_id = stage.enqueue("echo", 1, delay_ms=100)
        assert result(stage.settled(job_id)) == 1


def test_max_jobs_replaces_a_worker(stage: Stage) -> None:
    with stage.pool("--max", "1", "--max-jobs", "20") as pool:
        pool.await_ready(1)
        before = await_workers(stage, 1)
        ids = stage.enqueue_many(100, "noop")
        stage.await_completed(ids)
        wait_until(lambda: worker_pids(stage) and not worker_pids(stage) & before, 10)
        assert all(record and record.attempts == 1 for record in stage.store.reader.records(ids))


def test_max_memory_replaces_a_worker(stage: Stage) -> None:
    with stage.pool("--max", "1", "--max-memory", "10") as pool:
        wait_until(lambda: pool.output.count('"max-memory"') >= 2)


def test_an_order_drains_one_worker(stage: Stage) -> None:
    with stage.pool("--max", "1") as pool:
        pool.await_ready(1)
        # A worker claims before it has said that it is there.
        (seen,) = wait_until(lambda: [seen for seen in stage.store.registry.workers() if seen.alive])
        stage.store.operator.order(seen.info.id, "drain")
        wait_until(lambda: worker_pids(stage) - {seen.info.pid})
        wait_until(lambda: not psutil.pid_exists(seen.info.pid))


def test_queues_are_served_by_weight_and_others_not_at_all(stage: Stage) -> None:
    with stage.pool("--max", "1", "--queues", "mail:3,default:1") as pool:
        pool.await_ready(1)
        ids = [stage.enqueue("noop", queue="mail"), stage.enqueue("noop")]
        other = stage.enqueue("noop", queue="other")
        stage.await_completed(ids)
        assert stage.store.reader.records([other])[0].state is State.PENDING  # type: ignore[union-attr]


@pytest.mark.slow
def test_nothing_is_lost_under_kill_after_kill(stage: Stage) -> None:
    with stage.pool("--min", "4", "--max", "4") as pool:
        pool.await_ready(4)
        ids = stage.enqueue_many(8000, "sleep", {"seconds": 0.002})
        rng, killed = random.Random(7), 0
        while stage.count(State.COMPLETED) < 8000:
            victims = sorted(worker_pids(stage))
            if victims and killed < 8:
                os.kill(rng.choice(victims), signal.SIGKILL)
                killed += 1
            before = stage.count(State.COMPLETED)
            target = min(before + 400, 8000)
            wait_until(lambda target=target: stage.count(State.COMPLETED) >= target, 20)  # type: ignore[misc]
        stage.await_completed(ids)
        assert stage.store.reader.totals()["completed"] == 8000


def test_a_pool_with_threads_left_by_a_handler_spawns(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "threaded.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), name='chatty', daemon=True).start()\n"
    )
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    with stage.pool("--max", "1", PYTHONPATH=path, QUEUEFLOW_HANDLERS=f"threaded,{HANDLERS}") as pool:
        pool.await_ready(1)
        assert "chatty" in pool.output
        assert result(stage.run("echo", 1)) == 1
        job = stage.run("sleep", {"seconds": 600}, timeout=0.3, max_retries=0)
        assert job.history[-1].error_type == "JobTimeout"
        pool.signal(signal.SIGTERM)
        assert pool.wait(20) == 0
