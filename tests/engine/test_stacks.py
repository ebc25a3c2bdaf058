"""Where running jobs are, asked of real workers by anybody with a store."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import psutil
import pytest

from jobs.errors import JobNotFound, UnreadableRecord, WorkerSilent, WrongState
from jobs.inspection.stack import JobStack, stack_of
from jobs.states import State
from jobs.store.stacks import StackQuestion
from tests.engine.pools import Pool
from tests.engine.stage import Stage
from tests.support.polling import first_line, wait_until

HANDLERS = "tests.engine.stack_handlers"


@pytest.fixture(scope="module")
def busy_pool(module_stage: Stage) -> Iterator[Pool]:
    """Give a pool of one worker with two slots, in which long jobs may go on for ever."""
    with module_stage.pool("--max", "1", "--concurrency", "2", QUEUEFLOW_HANDLERS=HANDLERS) as pool:
        yield pool.await_ready(1)


@pytest.fixture
def asked(module_stage: Stage, busy_pool: Pool) -> Iterator[Asked]:
    """Give a function that starts a job and asks where it is; the job is ended with the test."""
    asked = Asked(module_stage)
    yield asked
    asked.end()


class Asked:
    """Starts jobs, and asks where they are until they have reached a line."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.ids: list[str] = []

    def start(self, job_type: str, payload: object = None) -> str:
        """A running job."""
        job_id = self.stage.enqueue(job_type, payload, timeout=600.0, max_retries=0)
        self.ids.append(job_id)
        self.stage.reached(job_id, State.ACTIVE)
        return job_id

    def at(self, job_id: str, words: str) -> JobStack:
        """Where the job is, once the last two lines of its stack, a place and its code, have these words."""

        def found() -> JobStack | None:
            stack = stack_of(self.stage.store, job_id)
            return stack if words in "\n".join(stack.lines[-2:]) else None

        stack = wait_until(found)
        assert stack is not None
        return stack

    def end(self) -> None:
        """Cancel everything that was started."""
        self.stage.store.operator.cancel(self.ids)
        for job_id in self.ids:
            self.stage.settled(job_id)


def functions(stack: JobStack) -> list[str]:
    """The functions of a stack, outermost first."""
    return [line.rpartition(", in ")[2] for line in stack.lines if ", in " in line]


def test_a_job_that_counts_for_ever_shows_where_it_counts(asked: Asked) -> None:
    job_id = asked.start("digs", {"depth": 3, "how": "spin"})
    stack = asked.at(job_id, ", in _spin")
    assert functions(stack) == ["digs", "_dig", "_dig", "_dig", "_dig", "_spin"]
    assert stack.lines[0].strip().startswith("File ")
    assert (stack.job_id, stack.type, stack.waiting) == (job_id, "digs", False)
    assert stack.worker == asked.stage.store.reader.job(job_id).record.worker  # type: ignore[union-attr]


def test_a_job_in_c_shows_the_line_that_called_it(asked: Asked) -> None:
    stack = asked.at(asked.start("digs", {"depth": 0, "how": "sleep"}), "time.sleep(0.5)")
    assert functions(stack) == ["digs", "_dig"]


def test_an_asynchronous_job_shows_all_that_it_awaits(asked: Asked) -> None:
    stack = asked.at(asked.start("awaits", {"how": "chain"}), ", in sleep")
    assert functions(stack) == ["awaits", "_chain", "_generator", "_last", "sleep"]


def test_an_asynchronous_job_shows_the_tasks_that_it_waits_for(asked: Asked) -> None:
    job_id = asked.start("awaits", {"how": "tasks"})
    stack = wait_until(lambda: _with(stack_of(asked.stage.store, job_id), "waits for second"))
    assert stack is not None
    assert functions(stack).count("_last") == 2
    assert [line for line in stack.lines if "waits for" in line] == [f"{job_id} waits for {each}:" for each in
                                                                     ("first", "second")]  # fmt: skip


def test_a_job_that_blocks_its_loop_shows_where(asked: Asked) -> None:
    stack = asked.at(asked.start("awaits", {"how": "block"}), "time.sleep(2)")
    assert functions(stack) == ["awaits", "_block"]


def _with(stack: JobStack, words: str) -> JobStack | None:
    return stack if words in "\n".join(stack.lines) else None


def test_a_stack_shows_no_value(asked: Asked) -> None:
    stack = asked.at(asked.start("digs", {"depth": 2, "how": "sleep", "password": "hunter2"}), "time.sleep(0.5)")
    assert len(stack.lines) == 8
    assert "hunter2" not in "\n".join(stack.lines)


def test_a_very_deep_stack_is_cut_in_the_middle(asked: Asked) -> None:
    stack = asked.at(asked.start("digs", {"depth": 20_000, "how": "zigzag"}), "time.sleep(0.5)")
    text = "\n".join(stack.lines)
    assert len(text.encode()) <= 32 * 1024
    assert functions(stack)[0] == "digs"
    assert "left out" in text


def test_many_may_ask_at_once_while_all_slots_count_for_ever(asked: Asked) -> None:
    ids = [asked.start("digs", {"depth": 1, "how": "spin"}) for _ in range(2)]
    answers: list[JobStack] = []
    askers = [
        threading.Thread(target=lambda job_id=job_id: answers.append(stack_of(asked.stage.store, job_id)))
        for job_id in ids * 3
    ]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(10)
    assert sorted(answer.job_id for answer in answers) == sorted(ids * 3)
    assert all("_spin" in functions(answer) for answer in answers)


def test_an_answer_nobody_fetches_lapses(asked: Asked) -> None:
    store = asked.stage.store
    job_id = asked.start("digs", {"depth": 0, "how": "sleep"})
    record = store.reader.job(job_id).record
    assert record is not None
    store.operator.order(record.worker, StackQuestion("a-ticket", record.token, job_id).order())
    mailbox = store.keys.mailbox("a-ticket")
    wait_until(lambda: store.client.call("EXISTS", mailbox))
    assert 0 < store.client.call("PTTL", mailbox) <= 10_000


class TestRefusals:
    def test_a_job_that_is_not_there(self, stage: Stage) -> None:
        with pytest.raises(JobNotFound):
            stack_of(stage.store, "nobody")

    def test_a_job_that_nobody_runs(self, stage: Stage) -> None:
        stage.store.operator.pause("held")
        job_id = stage.enqueue("noop", queue="held")
        with pytest.raises(WrongState) as refusal:
            stack_of(stage.store, job_id)
        assert refusal.value.state == "pending"

    def test_a_job_that_cannot_be_read(self, stage: Stage) -> None:
        stage.store.client.call("HSET", stage.store.keys.metadata, "broken", b"\xc1")
        with pytest.raises(UnreadableRecord):
            stack_of(stage.store, "broken")


def test_a_worker_that_is_stopped_is_said_to_be_silent_in_time(stage: Stage, tmp_path: Path) -> None:
    with stage.pool("--max", "1", "--queues", "apart") as pool:
        pool.await_ready(1)
        started = tmp_path / "started"
        job_id = stage.enqueue("sleep", {"seconds": 600, "file": str(started)}, timeout=900.0, queue="apart")
        pid = int(first_line(started).split()[1])
        os.kill(pid, signal.SIGSTOP)
        try:
            wait_until(lambda: _stands_still(pid))
            begun = monotonic()
            with pytest.raises(WorkerSilent, match="did not answer within"):
                stack_of(stage.store, job_id)
            assert monotonic() - begun < 3.0
        finally:
            os.kill(pid, signal.SIGCONT)


def _stands_still(pid: int) -> bool:
    """Whether every thread of a process is stopped."""
    states = [psutil.Process(thread.id).status() for thread in psutil.Process(pid).threads()]
    return set(states) == {psutil.STATUS_STOPPED}


def test_a_draining_worker_answers_too(stage: Stage, tmp_path: Path) -> None:
    with stage.pool("--max", "1", "--queues", "apart") as pool:
        pool.await_ready(1)
        started = tmp_path / "started"
        job_id = stage.enqueue("sleep", {"seconds": 600, "file": str(started)}, timeout=900.0, queue="apart")
        wait_until(started.exists)
        pool.signal(signal.SIGTERM)
        wait_until(lambda: "the worker drains" in pool.output)
        assert "time.sleep" in stack_of(stage.store, job_id).lines[-1]
