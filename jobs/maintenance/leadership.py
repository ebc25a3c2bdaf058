"""Leadership by a fenced lease that fails closed: who cannot renew it stops before anybody else can take it."""

from __future__ import annotations

from typing import Final

import msgspec

from jobs.clock import Clock, SystemClock
from jobs.store.fencing import NotLeading
from jobs.store.keeper import Keeper


class Terms(msgspec.Struct, frozen=True):
    """How long a lease lasts, how often it is renewed and how often a candidate tries to take it; seconds."""

    lease: float = 4.0
    renew: float = 1.0
    retry: float = 0.8


USUAL: Final = Terms()
SAFETY: Final = 0.95  # of the lease: how far a local clock may lag behind the server's


class Leadership:
    """One candidate's claim to lead one duty. Not for two threads at once."""

    def __init__(
        self, keeper: Keeper, duty: str, holder: str, terms: Terms = USUAL, clock: Clock | None = None
    ) -> None:
        self.duty = duty
        self._keeper = keeper
        self._holder = holder
        self._terms = terms
        self._clock = clock or SystemClock()
        self._token = ""
        self.has_worked = False  # the duty was done here before, perhaps in an earlier term
        self._until = self._next = float("-inf")

    @property
    def leading(self) -> bool:
        """True while the lease certainly lasts, by the local clock counted from before it was asked for."""
        return bool(self._token) and self._clock.monotonic() < self._until

    @property
    def token(self) -> str:
        """The fencing token of this term. Raises NotLeading."""
        if not self.leading:
            raise NotLeading
        return self._token

    @property
    def wait(self) -> float:
        """Seconds until `keep` has something to do."""
        return max(0.0, self._next - self._clock.monotonic())

    def keep(self) -> bool:
        """Take or renew the lease if it is time to; True while leading. Raises StoreError, which prolongs nothing."""
        if self.wait > 0:
            return self.leading
        asked = self._clock.monotonic()
        self._next = asked + self._terms.retry
        self._token = self._keeper.lead(self.duty, self._holder, int(self._terms.lease * 1000))
        if self._token:
            self._next = asked + self._terms.renew
            self._until = asked + self._terms.lease * SAFETY
        return self.leading

    def drop(self) -> None:
        """Forget a leadership that has turned out to be lost."""
        self._token = ""

    def resign(self) -> None:
        """Give it up, so that the next candidate need not wait. Raises StoreError."""
        token, self._token = self._token, ""
        if token:
            self._keeper.resign(self.duty, token)
