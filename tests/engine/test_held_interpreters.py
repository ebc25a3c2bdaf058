"""Where jobs are while code in C holds their worker's interpreter: seen by the worker's supervisor."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

from jobs.errors import StoreError, WorkerSilent
from jobs.inspection.stack import JobStack, stack_of
from jobs.states import State
from tests.engine.pools import Pool
from tests.engine.stage import Stage, result
from tests.support.polling import first_line, wait_until

HANDLERS = "tests.engine.holding_handlers"
SECONDS = 600


def pool_of(stage: Stage, *arguments: str, **environment: str) -> Pool:
    """One worker with these handlers."""
    return stage.pool("--max", "1", *arguments, **{"QUEUEFLOW_HANDLERS": HANDLERS, **environment})


def started(
    stage: Stage, job_type: str, payload: object = None, *, timeout: float = 900.0, queue: str = "default"
) -> str:
    """A job that a worker has, which has told before whom to ask when it cannot answer itself."""
    wait_until(lambda: any(seen.alive and queue in seen.info.queues for seen in stage.store.registry.workers()))
    job_id = stage.enqueue(job_type, payload, timeout=timeout, max_retries=0, queue=queue)
    stage.reached(job_id, State.ACTIVE)
    return job_id


def seen(stage: Stage, job_id: str, words: str) -> JobStack:
    """What the supervisor says once a line has these words."""

    def look() -> JobStack | None:
        try:
            stack = stack_of(stage.store, job_id)
        except (StoreError, WorkerSilent):  # it is only now taking hold
            return None
        return stack if stack.source == "supervisor" and words in "\n".join(stack.lines) else None

    stack = wait_until(look, 30.0)
    assert stack is not None
    return stack


def functions(stack: JobStack) -> list[str]:
    """The functions of a stack, outermost first."""
    return [line.rpartition(", in ")[2] for line in stack.lines if ", in " in line]


def test_a_job_in_c_shows_its_line_of_python(stage: Stage) -> None:
    with pool_of(stage) as pool:
        pool.await_ready(1)
        job_id = started(stage, "holds", {"seconds": SECONDS, "depth": 2, "password": "hunter2"})
        stack = seen(stage, job_id, "_hold")
        assert functions(stack) == ["holds", "_deeper", "_deeper", "_deeper", "_hold"]
        assert stack.lines[-1].strip() == "LIBC.usleep(int(seconds * 1e6))  # job body"
        assert "hunter2" not in "\n".join(stack.lines)
        assert (stack.job_id, stack.type, stack.waiting) == (job_id, "holds", False)
        assert stack.worker == stage.store.reader.job(job_id).record.worker  # type: ignore[union-attr]


def test_a_pattern_that_backtracks_is_shown_as_often_as_anybody_asks(stage: Stage) -> None:
    with pool_of(stage) as pool:
        pool.await_ready(1)
        job_id = started(stage, "backtracks")
        first = seen(stage, job_id, "re.match")
        assert functions(first) == ["backtracks", "match"]
        answers: list[JobStack] = []
        askers = [threading.Thread(target=lambda: answers.append(seen(stage, job_id, "re.match"))) for _ in range(6)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join(40)
        assert answers == [first] * 6
        assert seen(stage, job_id, "re.match") == first


def test_a_very_deep_stack_shows_its_inner_end(stage: Stage) -> None:
    with pool_of(stage) as pool:
        pool.await_ready(1)
        stack = seen(stage, started(stage, "holds", {"seconds": SECONDS, "depth": 300}), "_hold")
        assert stack.lines[0] == "  … frames further out are left out …"
        assert functions(stack)[-1] == "_hold"
        assert "Previous line repeated 96 more times" in "\n".join(stack.lines)


def test_each_of_two_jobs_shows_its_own_thread(stage: Stage, tmp_path: Path) -> None:
    with pool_of(stage, "--concurrency", "2") as pool:
        pool.await_ready(1)
        idle = started(stage, "idles", {"file": str(tmp_path / "begun")})
        first_line(tmp_path / "begun")
        holds = started(stage, "holds", {"seconds": SECONDS})
        assert functions(seen(stage, holds, "_hold")) == ["holds", "_deeper", "_hold"]
        wait_until(lambda: functions(seen(stage, idle, "idles")) == ["idles"])  # no longer at its file


def test_jobs_on_one_loop_show_what_holds_it(stage: Stage, tmp_path: Path) -> None:
    with pool_of(stage, "--concurrency", "2") as pool:
        pool.await_ready(1)
        waits = started(stage, "awaits", {"file": str(tmp_path / "begun")})
        first_line(tmp_path / "begun")
        started(stage, "holds-loop", {"seconds": SECONDS})
        stack = seen(stage, waits, "_hold")
        assert stack.lines[0] == "The thread of the event loop, on which 1 more job runs:"
        assert functions(stack) == ["holds_loop", "_hold"]


def test_the_right_one_of_two_pools_is_asked(stage: Stage) -> None:
    with pool_of(stage, "--queues", "a") as one, pool_of(stage, "--queues", "b", "--name", "other") as other:
        one.await_ready(1)
        other.await_ready(1)
        holds = started(stage, "holds", {"seconds": SECONDS}, queue="a")
        backtracks = started(stage, "backtracks", queue="b")
        assert functions(seen(stage, backtracks, "re.match")) == ["backtracks", "match"]
        assert functions(seen(stage, holds, "_hold")) == ["holds", "_deeper", "_hold"]


def test_a_worker_that_is_a_program_of_its_own_is_seen_too(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "threaded.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), name='chatty', daemon=True).start()\n"
    )
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    with pool_of(stage, PYTHONPATH=path, QUEUEFLOW_HANDLERS=f"threaded,{HANDLERS}") as pool:
        pool.await_ready(1, 60.0)
        assert "chatty" in pool.output
        job_id = started(stage, "holds", {"seconds": SECONDS})
        assert functions(seen(stage, job_id, "_hold")) == ["holds", "_deeper", "_hold"]


def test_a_look_disturbs_neither_the_job_nor_its_worker(stage: Stage, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pool_of(stage) as pool:
        pool.await_ready(1)
        job_id = started(stage, "holds-until", {"pipe": str(tmp_path / "pipe")})
        for _ in range(2):
            seen(stage, job_id, "LIBC.poll")
        (tmp_path / "pipe").write_text("go on")
        done = stage.settled(job_id, 30.0)
        assert done.record is not None
        assert (done.record.state, done.record.attempts, done.history) == (State.COMPLETED, 1, [])
        assert result(done) == 1
        again = stage.run("holds", {"seconds": 0.01})
        assert again.record is not None
        assert again.record.worker == done.record.worker
        assert '"a worker has ended"' not in pool.output


def test_a_job_that_was_looked_at_times_out_as_ever(stage: Stage) -> None:
    with pool_of(stage) as pool:
        pool.await_ready(1)
        job_id = started(stage, "backtracks", timeout=5.0)
        seen(stage, job_id, "re.match")
        assert stage.settled(job_id).history[-1].error_type == "JobTimeout"


def test_a_pool_that_drains_is_asked_too(stage: Stage) -> None:
    with pool_of(stage, SHUTDOWN_GRACE_SECONDS="5") as pool:
        pool.await_ready(1)
        job_id = started(stage, "holds", {"seconds": 12.0})
        seen(stage, job_id, "_hold")
        pool.signal(signal.SIGTERM)
        wait_until(lambda: "the pool drains" in pool.output, 20.0)
        seen(stage, job_id, "_hold")
        assert pool.wait(30) == 0
