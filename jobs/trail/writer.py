"""The thread that writes the audit trail, on one connection of its own.

Entries that come together are written in one transaction. What the database refuses for now is tried again, as far as
it is not somebody's wait that has ended. The connection is closed when nothing has come for a while.
"""

from __future__ import annotations

import queue
import time
from typing import Final

from django.db import InterfaceError, OperationalError, connections

from jobs.logs import get_logger

from . import connection
from .ticket import Completion, Item

log = get_logger(__name__)
IDLE_SECONDS: Final = 5.0
BATCH: Final = 100
MOST_LATE: Final = 10_000  # completions that wait for another try


class Writer:
    """Writes the items of a queue until None comes."""

    def __init__(self, items: queue.SimpleQueue[Item | None]) -> None:
        self._items = items
        self._late: list[tuple[float, Completion]] = []  # when to try again, and what

    def run(self) -> None:
        """Be the thread."""
        with connection.own() as using:
            ending = False
            while not ending:
                batch, ending = self._next(using)
                self._write(batch + self._due(), using)
            self._write(self._due(everything=True), using)
            for _, completion in self._late:
                completion.given_up()

    def _next(self, using: str) -> tuple[list[Item], bool]:
        """What has come, and whether it is the end. Waits until there is something to do."""
        batch: list[Item] = []
        wait = self._patience(using)
        try:
            while len(batch) < BATCH:
                item = self._items.get(timeout=wait)
                if item is None:
                    return batch, True
                batch.append(item)
                wait = 0.0
        except queue.Empty:
            if not batch:
                connections[using].close()
        return batch, False

    def _patience(self, using: str) -> float | None:
        """Seconds to wait for an item; None for as long as it takes."""
        if self._late:
            return max(0.0, min(due for due, _ in self._late) - time.monotonic())
        return None if connections[using].connection is None else IDLE_SECONDS

    def _due(self, *, everything: bool = False) -> list[Item]:
        now = time.monotonic()
        due = [row for row in self._late if everything or row[0] <= now][:BATCH]
        self._late = [row for row in self._late if row not in due]
        return [completion for _, completion in due]

    def _write(self, items: list[Item], using: str) -> None:
        items = [item for item in items if item.wanted]
        if not items:
            return
        try:
            with connection.brief(using):
                items = [item for item in items if item.wanted]  # some may have waited too long for the lock
                for item in items:
                    item.write(using)
        except (OperationalError, InterfaceError) as error:  # locked or away: so it is for all of them
            connections[using].close()
            self._refused(items, error)
        except Exception as error:  # one of them is at fault
            if len(items) == 1:
                self._refused(items, error)
            for item in items if len(items) > 1 else ():
                self._write([item], using)
        else:
            self._late += [(0.0, left) for item in items if (left := item.written())]

    def _refused(self, items: list[Item], error: Exception) -> None:
        log.warning("the audit trail cannot be written", entries=len(items), error=str(error).strip())
        for item in items:
            pause = item.refused(error)
            if pause is None or not isinstance(item, Completion):
                continue
            if len(self._late) < MOST_LATE:
                self._late.append((time.monotonic() + pause, item))
            else:
                item.given_up(error)
