"""Entries whose sending the store answers with something that says neither that it is away nor that they are wrong.

It may be the store, or a proxy before it, and then all are met by it; or it is one job alone, whose key in the store is
spoilt or on which a script fails. So they wait, longer each time, and the others go past them. Which of the two it is
shows in time: one that has failed again and again for minutes, while others of its partition were taken, is at fault.

The same is it of one to which no answer comes, time after time, from a store that answers else: it may be too large for
something in between.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container
from typing import Final

from jobs.patience import Case, Telling

LEAST_TRIES: Final = 10
MOST_UNANSWERED: Final = 5  # times in a row, after which it may be the entry's fault
LEAST_SECONDS: Final = 600.0
FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 60.0


class Stuck:
    """Of one forwarder, by the entries' keys. Times are those of `clock`, in seconds. `telling`: says it in the log."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._cases: dict[int, Case] = {}
        self._taken: dict[int, float] = {}
        self._unanswered: dict[int, tuple[int, int]] = {}  # of a partition: which entry last, and how often in a row
        self.telling = Telling("outbox")

    def __bool__(self) -> bool:
        return bool(self._cases)

    def __contains__(self, key: int) -> bool:
        return key in self._cases

    def fail(self, key: int) -> None:
        """It could not be sent, once more."""
        now = self._clock()
        case = self._cases.setdefault(key, Case(now))
        case.failed(now, FIRST_WAIT, LONGEST_WAIT)

    def is_suspect(self, key: int, place: int) -> bool:
        """Note that no answer came to a sending that began with this entry; whether it has been so time after time."""
        last, times = self._unanswered.get(place, (0, 0))
        times = times + 1 if key == last else 1
        self._unanswered[place] = (key, times)
        return key in self._cases or times > MOST_UNANSWERED

    def clear_suspicion(self, place: int) -> None:
        """It was the store."""
        self._unanswered.pop(place, None)

    def take(self, place: int, key: int) -> None:
        """The store has taken an entry of a partition."""
        self._taken[place] = self._clock()
        self._cases.pop(key, None)

    def forget(self, key: int) -> None:
        """It is settled otherwise."""
        self._cases.pop(key, None)

    def keep(self, keys: Container[int]) -> None:
        """Forget all others: somebody else has sent them."""
        self._cases = {key: case for key, case in self._cases.items() if key in keys}

    def clear(self) -> None:
        """Nothing waits any more."""
        self._cases.clear()

    def is_due(self, key: int) -> bool:
        """Whether it may be tried."""
        case = self._cases.get(key)
        return case is None or case.due <= self._clock()

    def is_at_fault(self, key: int, place: int) -> bool:
        """Whether it is this job, of a partition which has taken others since, and not the store."""
        case = self._cases.get(key)
        if case is None or case.tries < LEAST_TRIES or self._clock() - case.since < LEAST_SECONDS:
            return False
        return self._taken.get(place, float("-inf")) >= case.since

    @property
    def wait(self) -> float:
        """Seconds until one of them may be tried; 0 without any."""
        return max(0.0, min((case.due for case in self._cases.values()), default=0.0) - self._clock())
