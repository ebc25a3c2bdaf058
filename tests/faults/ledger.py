"""Follows jobs from their acceptance to their end, and forgets them then: what it holds is what is in flight."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Final, Self

from jobs.errors import StoreError
from jobs.store.store import Store

PIECE: Final = 250
LOOK_SECONDS: Final = 1.0
FIRST_LOOK: Final = 2.0  # seconds after a job was accepted


class Ledger:
    """Looks at each job until it is settled, which has to be before it is pruned; a context.

    `ended` counts the jobs that were seen to be, `vanished` those that were gone before, `too_often` those that ran
    more often than their retries, releases and snoozes allow.
    """

    def __init__(self, store: Store) -> None:
        self.accepted = self.ended = self.vanished = self.too_often = 0
        self._store = store
        self._fresh: deque[tuple[float, Sequence[str]]] = deque()
        self._open: list[str] = []
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()

    def accept(self, ids: Sequence[str]) -> None:
        """Follow these from now on. Safe for threads."""
        with self._lock:
            self.accepted += len(ids)
            self._fresh.append((time.monotonic() + FIRST_LOOK, ids))

    @property
    def open(self) -> int:
        """How many are followed."""
        return self.accepted - self.ended - self.vanished

    def _follow(self) -> None:
        while not self._closing.wait(LOOK_SECONDS):
            with self._lock:
                while self._fresh and self._fresh[0][0] <= time.monotonic():
                    self._open += self._fresh.popleft()[1]
            pieces = [self._open[at : at + PIECE] for at in range(0, len(self._open), PIECE)]
            self._open = [job_id for piece in pieces for job_id in self._still_open(piece)]

    def _still_open(self, ids: list[str]) -> list[str]:
        """Those that have to be looked at again."""
        try:
            found = self._store.reader.records(ids)
        except StoreError:
            return ids
        left = []
        for job_id, record in zip(ids, found, strict=True):
            if record is None:
                self.vanished += 1
            elif not record.state.is_settled:
                left.append(job_id)
            else:
                self.ended += 1
                self.too_often += record.executions > record.max_retries + 1 + record.releases + record.snoozes
        return left
