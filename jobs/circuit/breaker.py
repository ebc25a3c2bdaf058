"""The circuit breaker: after failures in a row nothing is asked for a while, then a few calls find out.

closed: calls go through, and `Terms.failures` failures in a row open it. open: no call goes through until a time is
over that doubles with each failed probe. half_open: `Terms.probes` calls at once go through; `Terms.successes` answers
close it, one failure opens it again.
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable
from enum import StrEnum
from time import monotonic
from typing import Final

import msgspec

SPREAD: Final = 0.25  # of the time it is open, by which that is shorter at random: processes do not come back as one
PROBE_AGAIN: Final = 0.05  # seconds after which a caller that finds all probes out may ask again


class BreakerState(StrEnum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Terms(msgspec.Struct, frozen=True):
    """When a breaker opens and for how long.

    failures: so many in a row open it. open_seconds: until the first probe; doubled after each one that failed, up to
    longest_seconds. probes: calls at once while it is half open. successes: answers that close it. probe_seconds: a
    probe that has not ended by then does not count any more. Raises ValueError for what could never open or close it.
    """

    failures: int = 5
    open_seconds: float = 1.0
    longest_seconds: float = 30.0
    probes: int = 1
    successes: int = 1
    probe_seconds: float = 10.0

    def __post_init__(self) -> None:
        if min(self.failures, self.probes, self.successes) < 1:
            raise ValueError("failures, probes and successes are at least 1")
        if not 0 < self.open_seconds <= self.longest_seconds < math.inf or not self.probe_seconds > 0:
            raise ValueError("open_seconds is more than 0 and at most longest_seconds, probe_seconds more than 0")


class BreakerView(msgspec.Struct, frozen=True):
    """One breaker at one instant. Times in seconds.

    failures: in a row. opened: how often it left closed since the process started; probes that fail meanwhile do not
    count. wait: until a call may go through. away: for how long it has not been closed. why: the last failure.
    """

    name: str
    state: BreakerState
    failures: int
    opened: int
    wait: float
    away: float
    why: str


class Breaker:
    """Counts how calls end, and says whether the next may begin. Safe for threads.

    A caller asks `admit` first, then says `succeeded` or `failed`. `troubled` is False while there is nothing to ask or
    say: one look at it is all that a call costs in good times. `tell` hears when it leaves closed and comes back to it.
    `turn` counts how often the state changed: a caller that names the turn in which it began says nothing after that.
    """

    def __init__(
        self,
        name: str,
        terms: Terms | None = None,
        *,
        clock: Callable[[], float] = monotonic,
        tell: Callable[[BreakerView], object] | None = None,
    ) -> None:
        self.name = name
        self.terms = terms or Terms()
        self.troubled = False
        self.turn = 0
        self._clock = clock
        self._tell = tell
        self._lock = threading.Lock()
        self._state = BreakerState.CLOSED
        self._failures = self._successes = self._opened = self._in_a_row = 0
        self._until = self._since = 0.0
        self._why = ""
        self._probes: list[float] = []  # when each that is out began

    def admit(self) -> float:
        """0 where a call may begin, else the seconds after which it is worth asking again."""
        if not self.troubled:
            return 0.0
        with self._lock:
            if self._state is BreakerState.CLOSED:
                return 0.0
            now = self._clock()
            if self._state is BreakerState.OPEN:
                if now < self._until:
                    return self._until - now
                self._change(BreakerState.HALF_OPEN)
            self._probes = [begun for begun in self._probes if now - begun < self.terms.probe_seconds]
            if len(self._probes) >= self.terms.probes:
                return PROBE_AGAIN
            self._probes.append(now)
            return 0.0

    def succeeded(self, turn: int | None = None) -> None:
        """A call was answered."""
        if not self.troubled:
            return
        with self._lock:
            if self._is_over(turn):
                return
            if self._state is BreakerState.CLOSED:
                self._failures, self.troubled = 0, False
            elif self._state is BreakerState.HALF_OPEN:
                del self._probes[:1]
                self._successes += 1
                if self._successes >= self.terms.successes:
                    self._close()

    def ended(self, turn: int | None = None) -> None:
        """A call ended without a word on whether it was answered: another one may find out."""
        if self.troubled:
            with self._lock:
                if not self._is_over(turn):
                    del self._probes[:1]

    def failed(self, why: str = "", *, at_once: bool = False, turn: int | None = None) -> None:
        """A call was not answered; `at_once` opens it whatever came before."""
        with self._lock:
            if self._is_over(turn):
                return
            self.troubled = True
            self._why = why
            self._failures += 1
            if self._state is BreakerState.HALF_OPEN:
                self._open()
            elif self._state is BreakerState.CLOSED and (at_once or self._failures >= self.terms.failures):
                self._since = self._clock()
                self._opened += 1
                self._open()
                self._announce()

    @property
    def is_shut(self) -> bool:
        """Whether a call had better go elsewhere: its time is not over, or others are finding out."""
        if not self.troubled:
            return False
        with self._lock:
            now = self._clock()
            if self._state is BreakerState.OPEN:
                return now < self._until
            is_asked = any(now - begun < self.terms.probe_seconds for begun in self._probes)
            return self._state is BreakerState.HALF_OPEN and is_asked

    def view(self) -> BreakerView:
        """How it is now."""
        with self._lock:
            return self._view()

    def forked(self) -> None:
        """For a forked child: a thread of its parent may have held the lock, and whatever was out is the parent's."""
        self._lock = threading.Lock()
        self._probes.clear()

    def _is_over(self, turn: int | None) -> bool:
        return turn is not None and turn != self.turn

    def _open(self) -> None:
        now, terms = self._clock(), self.terms
        seconds = min(terms.open_seconds * 2.0 ** min(self._in_a_row, 30), terms.longest_seconds)
        self._in_a_row += 1
        self._until = now + seconds * (1 - SPREAD * random.random())
        self._change(BreakerState.OPEN)

    def _close(self) -> None:
        self._failures = self._in_a_row = 0
        self._change(BreakerState.CLOSED)
        self._announce()
        self._since, self._why = 0.0, ""
        self.troubled = False

    def _change(self, state: BreakerState) -> None:
        self._state = state
        self.turn += 1
        self._successes = 0
        self._probes.clear()

    def _announce(self) -> None:
        if self._tell is not None:
            self._tell(self._view())

    def _view(self) -> BreakerView:
        now = self._clock()
        return BreakerView(
            name=self.name,
            state=self._state,
            failures=self._failures,
            opened=self._opened,
            wait=max(self._until - now, 0.0) if self._state is BreakerState.OPEN else 0.0,
            away=now - self._since if self._since else 0.0,
            why=self._why,
        )
