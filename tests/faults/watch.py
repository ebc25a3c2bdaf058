"""Looks at a store all the while a load is on it: for how long nothing completes, and when struck jobs have ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jobs.errors import StoreError
from jobs.states import State
from jobs.store.store import Store
from jobs.types import JobRecord

PIECE: Final = 250
LOOK_SECONDS: Final = 0.02


@dataclass
class Strike:
    """One fault. `at`, `over`, `ended`: monotonic seconds when it came, when it went by itself (None: it does not), and
    when the last job that it struck, of those that are still `open`, had ended. `struck`, `claimed`: jobs that had not
    ended when it came, and those of them that workers had. `gone`, `too_often`: struck jobs that are not there any
    more, and that ran more often than their retries, releases and snoozes allow.
    """

    at: float
    open: list[str]
    claimed: int = 0
    struck: int = 0
    over: float | None = None
    ended: float | None = None
    gone: int = 0
    too_often: int = 0

    @property
    def lasted(self) -> float:
        """Seconds from its coming to its going."""
        return (self.over or self.at) - self.at

    @property
    def recovery(self) -> float:
        """Seconds from its going, or its coming where it does not go, until all that it struck had ended."""
        return max((self.ended or time.monotonic()) - (self.over or self.at), 0.0)


class Watch:
    """Looks at a store from its start to its close; `accepted` grows meanwhile.

    `pause`: the longest time (s) in which nothing completed in a partition though something waited there, or in which
    nobody could say.
    """

    def __init__(self, store: Store, accepted: Sequence[str]) -> None:
        self.pause = 0.0
        self.strikes: list[Strike] = []
        self._store = store
        self._accepted = accepted
        self._mark = 0  # jobs before it are settled, or among these
        self._unsettled: list[str] = []
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._see, args=(part,), daemon=True) for part in store.parts]
        self._threads.append(threading.Thread(target=self._follow, daemon=True))

    def start(self) -> None:
        """Begin to look."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Look no more."""
        self._closing.set()
        for thread in self._threads:
            thread.join(30)

    def strike(self) -> None:
        """A fault comes now."""
        mark = len(self._accepted)
        ids = [*self._unsettled, *self._accepted[self._mark : mark]]
        found = self._open(ids)
        self._unsettled, self._mark = list(found), mark
        claimed = sum(record is not None and record.state is State.ACTIVE for record in found.values())
        self.strikes.append(Strike(time.monotonic(), list(found), claimed, struck=len(found)))

    def adds(self, ids: Sequence[str]) -> None:
        """The fault is in jobs of its own."""
        strike = self.strikes[-1]
        strike.struck += len(ids)
        self._reopen(strike, ids)

    def over(self, *, rolled_back: bool = False) -> None:
        """The latest fault has gone. Where it may have rolled back any job, all have to have ended again."""
        strike = self.strikes[-1]
        strike.over = time.monotonic()
        if rolled_back:
            known = set(strike.open)
            self._reopen(strike, [job_id for job_id in list(self._accepted) if job_id not in known])

    @property
    def is_settled(self) -> bool:
        """Whether all that any fault struck has ended."""
        return all(strike.ended for strike in self.strikes)

    def _reopen(self, strike: Strike, ids: Sequence[str]) -> None:
        with self._lock:
            strike.open = [*ids, *strike.open]
            strike.ended = None

    def _open(self, ids: list[str]) -> dict[str, JobRecord | None]:
        """Those that have not ended."""
        return {job_id: found for job_id, found in self._looked(ids) if found is None or not found.state.is_settled}

    def _looked(self, ids: list[str]) -> list[tuple[str, JobRecord | None]]:
        parts = [ids[at : at + PIECE] for at in range(0, len(ids), PIECE)]
        return [pair for part in parts for pair in zip(part, self._store.reader.records(part), strict=True)]

    def _see(self, part: Store) -> None:
        """Measure the pauses of a partition."""
        last, seen = time.monotonic(), 0
        while not self._closing.wait(LOOK_SECONDS):
            try:
                completed = part.reader.totals().get("completed", 0)
                waits = completed > seen or part.reader.state_counts()["pending"] > 0
            except StoreError:
                completed, waits = seen, True
            now = time.monotonic()
            if waits:
                with self._lock:
                    self.pause = max(self.pause, now - last)
            if completed > seen or not waits:
                last = now
            seen = completed  # a failover may take some back

    def _follow(self) -> None:
        """See struck jobs end."""
        while not self._closing.wait(LOOK_SECONDS):
            for strike in self.strikes:
                try:
                    while not strike.ended and self._moves(strike):
                        pass
                except StoreError:
                    break

    def _moves(self, strike: Strike) -> bool:
        """Look at a piece of what is open; whether all of it has ended, so that the next may have as well."""
        piece = strike.open[-PIECE:]
        found = self._looked(piece)
        ended = {job_id for job_id, record in found if record is None or record.state.is_settled}
        strike.gone += sum(record is None for _, record in found)
        strike.too_often += sum(
            record is not None and record.state.is_settled and ran_too_often(record) for _, record in found
        )
        with self._lock:
            strike.open = [job_id for job_id in strike.open if job_id not in ended]
            if not strike.open:
                strike.ended = time.monotonic()
        return len(ended) == len(piece)


def ran_too_often(record: JobRecord) -> bool:
    """Whether it did, beyond its retries, releases and snoozes."""
    return record.executions > record.max_retries + 1 + record.releases + record.snoozes
