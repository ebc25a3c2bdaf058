"""Runs synchronous handlers: one thread a slot, made when first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

from .held import Held
from .interrupt import Guard
from .runner import Runner
from .slots import Slots


class ThreadExecutor:
    """`start` wakes a thread for a job; that thread goes on with further jobs while there are any."""

    def __init__(self, runner: Runner, slots: Slots, crashed: Callable[[BaseException], None]) -> None:
        self._runner = runner
        self._slots = slots
        self._crashed = crashed
        self._jobs: SimpleQueue[Held] = SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0
        self._made = 0

    def start(self, held: Held) -> None:
        """Run the job in a thread of its own. Never blocks."""
        with self._lock:
            fresh = self._idle == 0
            if fresh:
                self._made += 1
            else:
                self._idle -= 1
        self._jobs.put(held)
        if fresh:
            threading.Thread(target=self._work, name=f"slot-{self._made}", daemon=True).start()

    def _work(self) -> None:
        guard = Guard()
        self._runner.borders.join()
        try:
            while True:
                held: Held | None = self._jobs.get()
                while held is not None:
                    self._runner.run(held, guard)
                    held = self._slots.next(False)
                with self._lock:
                    self._idle += 1
        except BaseException as error:
            self._crashed(error)
