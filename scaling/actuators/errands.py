"""Calls that may never end, and how long they are waited for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, Final


class Late:
    """The result of a call that had none in time."""


LATE: Final = Late()


class Errands:
    """Runs calls in threads of their own; those that are late are left to themselves. Not for two threads at once."""

    def __init__(self) -> None:
        self._late: list[threading.Thread] = []

    @property
    def lost(self) -> int:
        """How many threads are still busy with what nobody waits for any more."""
        self._late = [thread for thread in self._late if thread.is_alive()]
        return len(self._late)

    def run(self, calls: Sequence[Callable[[], Any]], seconds: float, at_once: int = 1) -> list[Any]:
        """The result of each call, or what it raised, or LATE. Takes so many seconds at most; begins in their order."""
        until = monotonic() + seconds
        waiting = deque(enumerate(calls))
        results: list[Any] = [LATE] * len(calls)

        def work() -> None:
            while waiting and monotonic() < until:
                try:
                    at, call = waiting.popleft()
                except IndexError:
                    return
                results[at] = _outcome(call)

        threads = [
            threading.Thread(target=work, name="scaling-errand", daemon=True) for _ in range(min(at_once, len(calls)))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, until - monotonic()))
        self._late += [thread for thread in threads if thread.is_alive()]
        return list(results)


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as error:
        return error
