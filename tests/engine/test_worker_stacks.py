"""How a stack is read from another thread, and what a worker answers that is asked for one."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import pytest

from jobs.handlers.registry import Registry
from jobs.store.stacks import StackAnswer, StackQuestion
from jobs.worker.frames import lines_of, task_stacks, thread_stacks
from jobs.worker.held import Held
from jobs.worker.shared import Shared
from jobs.worker.slots import Slots
from jobs.worker.stacks import StackAnswers
from jobs.worker.table import Table
from tests.engine.parts import held


class Fetching:
    """A consumer that keeps what it is told to send."""

    def __init__(self) -> None:
        self.sent: dict[str, StackAnswer] = {}

    def answer(self, ticket: str, reply: bytes) -> None:
        self.sent[ticket] = msgspec.json.decode(reply, type=StackAnswer)


@pytest.fixture
def shared() -> Iterator[Shared]:
    """Give a worker's parts."""
    table = Table.create(8)
    yield Shared("the-worker", Registry(), table, Slots(2, lambda job: None))
    table.close()


def ask(shared: Shared, job: Held, token: str = "") -> StackAnswer:
    """What the worker answers."""
    consumer = Fetching()
    words = StackQuestion("a", token or job.claim.token, job.claim.id).order().partition(" ")[2]
    StackAnswers(shared).give(words, consumer)  # type: ignore[arg-type]
    return consumer.sent["a"]


class Standing:
    """What a job runs in: it stands where the test says."""

    def __init__(self, stacks: Any) -> None:
        self.stacks = stacks


def running(shared: Shared, stacks: Any) -> Held:
    """A job whose user code runs."""
    job = held()
    shared.ledger.open([job])
    job.started, job.task = 1.0, Standing(stacks)
    shared.slots.entered(job)
    return job


class TestAnswers:
    def test_a_job_in_hand_that_has_not_started_waits(self, shared: Shared) -> None:
        job = held()
        shared.ledger.open([job])
        assert ask(shared, job) == StackAnswer("waiting")

    def test_a_job_that_runs_here_is_shown(self, shared: Shared) -> None:
        job = running(shared, lambda: thread_stacks(threading.get_ident()))
        answer = ask(shared, job)
        assert answer.state == "running"
        assert answer.lines

    def test_a_job_that_is_not_here_is_gone(self, shared: Shared) -> None:
        assert ask(shared, held()) == StackAnswer("gone")

    def test_a_job_of_another_claim_is_gone(self, shared: Shared) -> None:
        assert ask(shared, running(shared, list), "other.7") == StackAnswer("gone")

    def test_what_another_job_does_by_now_is_not_shown(self, shared: Shared) -> None:
        """The job ends while its thread is looked at."""

        def stacks() -> Any:
            shared.slots.left(job)
            return thread_stacks(threading.get_ident())

        job = running(shared, stacks)
        assert ask(shared, job) == StackAnswer("gone")

    def test_a_stack_that_cannot_be_read_is_said_so(self, shared: Shared) -> None:
        def stacks() -> Any:
            raise RuntimeError("it has changed")

        assert ask(shared, running(shared, stacks)).lines == ["The stack cannot be read: RuntimeError."]

    def test_nonsense_is_answered_by_nothing(self, shared: Shared) -> None:
        consumer = Fetching()
        StackAnswers(shared).give("nonsense", consumer)  # type: ignore[arg-type]
        assert consumer.sent == {}


class TestFrames:
    def test_a_thread_that_has_ended_has_no_stack(self) -> None:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
        assert thread_stacks(thread.ident or 0) == []
        assert lines_of([]) == []

    def test_the_innermost_line_comes_last(self) -> None:
        lines = lines_of(thread_stacks(threading.get_ident()))
        assert "in thread_stacks" in lines[-2]

    def test_a_stack_in_many_places_has_32_kib_at_most(self) -> None:
        def one(depth: int) -> list[str]:
            return other(depth - 1) if depth else lines_of(thread_stacks(threading.get_ident()))

        def other(depth: int) -> list[str]:
            return one(depth - 1) if depth else lines_of(thread_stacks(threading.get_ident()))

        before = sys.getrecursionlimit()
        sys.setrecursionlimit(6000)
        try:
            lines = one(5000)
        finally:
            sys.setrecursionlimit(before)
        text = "\n".join(lines)
        assert len(text.encode()) <= 32 * 1024
        assert "frames are left out" in text or "bytes and more are left out" in text
        assert "in thread_stacks" in lines[-2]

    def test_code_that_no_file_has_is_shown_without_its_text(self) -> None:
        scope: dict[str, Any] = {"look": lambda: lines_of(thread_stacks(threading.get_ident()))}
        exec(compile("def made():\n    return look()\n", "<made \udcff>", "exec"), scope)
        assert any("<made ?>" in line and "in made" in line for line in scope["made"]())


class TestTasks:
    @staticmethod
    def seen(work: Any, name: str = "job") -> str:
        """The stack of a task that has come to its first wait."""

        async def main() -> str:
            task = asyncio.create_task(work(), name=name)
            for _ in range(10):
                await asyncio.sleep(0)
            try:
                return "\n".join(lines_of(task_stacks(task, threading.get_ident())))
            finally:
                task.cancel()

        return asyncio.run(main())

    def test_coroutines_that_await_each_other_are_shown(self) -> None:
        async def inner() -> None:
            await asyncio.Event().wait()

        async def outer() -> None:
            await inner()

        text = self.seen(outer)
        assert text.index("in outer") < text.index("in inner") < text.index("in wait")

    def test_a_task_that_is_awaited_is_shown_below(self) -> None:
        async def inner() -> None:
            await asyncio.Event().wait()

        async def outer() -> None:
            await asyncio.create_task(inner(), name="helper")

        text = self.seen(outer)
        assert text.index("in outer") < text.index("job waits for helper:") < text.index("in inner")

    def test_a_task_for_which_several_wait_is_shown_once(self) -> None:
        tasks: list[asyncio.Task[None]] = []

        async def one() -> None:
            tasks.append(asyncio.create_task(two(), name="two"))
            await tasks[0]

        async def two() -> None:
            await asyncio.Event().wait()

        async def both() -> None:
            await asyncio.gather(asyncio.create_task(one()), asyncio.create_task(one()))

        text = self.seen(both)
        assert (text.count("waits for two:"), text.count("in one"), text.count("in two")) == (1, 2, 1)

    def test_an_asynchronous_generator_is_shown_as_far_as_python_tells(self) -> None:
        async def numbers() -> AsyncIterator[int]:
            await asyncio.Event().wait()
            yield 1

        async def reader() -> None:
            async for _ in numbers():
                pass

        assert "async for _ in numbers()" in self.seen(reader)

    def test_a_task_that_is_over_has_no_lines(self) -> None:
        async def nothing() -> None:
            return

        assert self.seen(nothing) == ""
