"""Takes audit entries from any thread to the one that writes them, so that nobody's wait depends on the database."""

from __future__ import annotations

import atexit
import os
import queue
import threading
from collections.abc import Sequence
from typing import Any, Final

from .ticket import Completion, Count, Intent, Item
from .writer import Writer

WAIT_SECONDS: Final = 2.0  # for an intent; then the action is refused
COMPLETION_SECONDS: Final = 0.5  # that an answer waits for a completion, so that who reads next sees it
END_SECONDS: Final = 2.0


class Scribe:
    """One a process. Its thread starts with the first entry. Not for an event loop: its calls wait."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew, as a forked child does: thread and connection are its parent's."""
        self._lock = threading.Lock()
        self._items: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def add(self, fields: dict[str, Any]) -> int:
        """Commit a new entry and return its primary key. Raises TrailUnavailable after two seconds."""
        intent = Intent(fields)
        self._put(intent)
        return intent.wait(WAIT_SECONDS)

    def complete(self, pk: int, values: dict[str, Any]) -> None:
        """Write an entry's end. Never raises: what cannot be written now is tried again in the background."""
        completion = Completion(pk, values)
        self._put(completion)
        completion.settled.wait(COMPLETION_SECONDS)

    def count(self, figures: Sequence[tuple[int, int, dict[str, Any]]], *, wait: bool) -> None:
        """Write how many things operations changed: an entry's primary key, the number, its new detail. Never raises:
        what cannot be written now is left to the next one who looks."""
        counts = [Count(*each) for each in figures]
        for count in counts:
            self._put(count)
        if wait and counts:
            counts[-1].settled.wait(COMPLETION_SECONDS)

    def close(self) -> None:
        """Write what is left, close the connection, end the thread. The next entry starts another."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._items.put(None)
        if thread is not None:
            thread.join(END_SECONDS)

    def _put(self, item: Item) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._items = queue.SimpleQueue()  # each thread has its own, which ends with its end
                self._thread = threading.Thread(target=Writer(self._items).run, name="audit-trail", daemon=True)
                self._thread.start()
            self._items.put(item)


scribe: Final = Scribe()  # this process's
os.register_at_fork(after_in_child=scribe.forget)
atexit.register(scribe.close)
