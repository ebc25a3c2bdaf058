"""Runs asynchronous handlers: one thread with one event loop, started when first needed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from jobs.logs import get_logger

from .frames import Stack, task_stacks
from .held import Held, Stop
from .runner import Runner
from .slots import Slots

_log = get_logger(__name__)


class LoopTask:
    """One job's task on the loop. `interrupt` may be called by any thread, `disarm` on the loop."""

    __slots__ = ("_armed", "_loop", "_task", "began", "thread")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._task: asyncio.Task[None] | None = None
        self.thread = 0
        self._armed = True
        self.began = False

    def attach(self, task: asyncio.Task[None]) -> None:
        """This is the task; on the loop."""
        self._task = task
        self.thread = threading.get_ident()

    def stacks(self) -> list[Stack]:
        """Where the task is; for any thread."""
        return task_stacks(self._task, self.thread) if self._task is not None else []

    def interrupt(self, held: Held, why: Stop) -> None:
        """Cancel the task, unless user code is over by the time the loop gets to it."""
        self._loop.call_soon_threadsafe(self._cancel, why.value)

    def disarm(self) -> None:
        """User code is over: a cancellation that comes now is too late."""
        self._armed = False

    def _cancel(self, why: str) -> None:
        if self._armed and self._task is not None:
            self._task.cancel(why)


class LoopExecutor:
    """`start` puts a job on the loop, which goes on with further asynchronous jobs while there are any."""

    def __init__(self, runner: Runner, slots: Slots, crashed: Callable[[BaseException], None]) -> None:
        self._runner = runner
        self._slots = slots
        self._crashed = crashed
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself keeps only weak references

    def start(self, held: Held) -> None:
        """Run the job on the loop. Never blocks."""
        self._slots.passed_on(held)
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._run, args=(self._loop,), name="loop", daemon=True).start()
        self._loop.call_soon_threadsafe(self._launch, held)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        while True:
            try:
                loop.run_forever()
            except (SystemExit, KeyboardInterrupt) as error:  # asyncio lets these out of a handler's task
                _log.warning("a task of a handler tried to end the worker", error=repr(error))
            except BaseException as error:  # the loop itself is broken, and would be again
                self._crashed(error)
                return

    def _launch(self, held: Held) -> None:
        loop = self._loop
        assert loop is not None  # noqa: S101 - this runs on it
        handle = LoopTask(loop)
        coroutine = self._work(held, handle)
        task = loop.create_task(coroutine, name=held.claim.id, context=self._runner.context(held))
        handle.attach(task)
        self._tasks.add(task)
        task.add_done_callback(lambda ended: self._ended(ended, held, handle))

    def _ended(self, task: asyncio.Task[None], held: Held, handle: LoopTask) -> None:
        """The task is over. One that was cancelled before its first step, by another job's code, gives its job back."""
        self._tasks.discard(task)
        if not handle.began:
            if self._slots.begins(held):
                self._runner.give_back(held)
            self._go_on()

    def _go_on(self) -> None:
        following = self._slots.next(True)
        if following is not None:
            self._slots.passed_on(following)
            self._launch(following)

    async def _work(self, held: Held, handle: LoopTask) -> None:
        handle.began = True
        try:
            if self._slots.begins(held):
                await self._runner.run_async(held, handle)
            self._go_on()
        except BaseException as error:
            self._crashed(error)
            raise
