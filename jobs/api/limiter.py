"""Rate limits of API keys: a token a request, and one more for each hundred jobs of a bulk enqueue after the first.

The buckets are in the store and hold for all web processes. While a bucket has plenty, a process takes some tokens at
once and spends them within a second, so that most requests need no round trip for it. A bucket that runs low gives
single tokens, so the limit itself is exact. While the server that has them is away, each process counts for itself what
it lets into the outbox, or to the servers of other partitions.
"""

from __future__ import annotations

import math
import threading
import time
from functools import cache
from typing import Final

from jobs.access.local_buckets import LocalBuckets
from jobs.access.principal import Principal, Rate
from jobs.access.wait import rate_limit, wait_for
from jobs.errors import StoreError
from jobs.outbox import is_away
from jobs.store.buckets import Bucket, Taken
from jobs.store.failures import OTHER_PARTITIONS
from jobs.store.store import Store

from .bears import Bears
from .problems import Problem

AHEAD: Final = 10  # tokens that a process takes at once
PLENTY: Final = 200  # tokens left in a bucket that has plenty
HOLD_SECONDS: Final = 1.0
MOST_KEYS: Final = 10_000


class _Held:
    """Tokens of one key that this process has taken and not spent, and what the bucket said then."""

    __slots__ = ("rate", "state", "tokens", "until")

    def __init__(self, rate: Rate, tokens: int, state: Taken) -> None:
        self.rate = rate
        self.tokens = tokens
        self.state = state
        self.until = time.monotonic() + HOLD_SECONDS


class Limiter:
    """Takes tokens for requests. One a process, safe for threads."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._local = LocalBuckets()
        self._lock = threading.Lock()

    def take(self, store: Store, principal: Principal, cost: int = 1) -> dict[str, str]:
        """Take tokens of the one who asks; return the headers that tell what is left, none for people.

        Raises Problem 429 where there are too few, and StoreError.
        """
        if principal.rate is None:
            return {}
        return self._spend(principal, cost) or self._fetch(store, principal, principal.rate, cost)

    def take_more(self, store: Store, principal: Principal, cost: int) -> dict[str, str]:
        """Take tokens for what turned out to be a large request, but no more than a full bucket has after the first.

        Returns and raises what `take` does, but bears a server that is away where others or the outbox take jobs.
        """
        cost = min(cost, principal.rate[0] - 1 if principal.rate else 0)
        if cost <= 0:
            return {}
        try:
            return self.take(store, principal, cost)
        except StoreError as failure:
            if not bears(store, failure, Bears.BY_OUTBOX):
                raise
            return self.take(store.without(failure), principal, cost)

    def _spend(self, principal: Principal, cost: int) -> dict[str, str] | None:
        """Spend tokens that are held."""
        with self._lock:
            held = self._held.get(principal.id)
            if held is None or held.tokens < cost or held.rate != principal.rate or time.monotonic() > held.until:
                return None
            held.tokens -= cost
            return _headers(held.rate, held.state, held.tokens)

    def _fetch(self, store: Store, principal: Principal, rate: Rate, cost: int) -> dict[str, str]:
        bucket = Bucket(principal.id, *rate)
        if store.is_absent:
            return self._take_alone(bucket, rate, cost)
        known = self._held.get(principal.id)
        more = AHEAD if known is not None and known.state.remaining > PLENTY else 0
        taken = store.buckets.take(bucket, cost + more)
        if not taken.allowed and more:
            more, taken = 0, store.buckets.take(bucket, cost)
        with self._lock:
            if len(self._held) >= MOST_KEYS:
                self._held.clear()
            self._held[principal.id] = _Held(rate, more if taken.allowed else 0, taken)
        if taken.allowed:
            return _headers(rate, taken, more)
        raise _refusal(rate, taken)

    def _take_alone(self, bucket: Bucket, rate: Rate, cost: int) -> dict[str, str]:
        """Count in this process while the server of the buckets is away."""
        taken = self._local.take(bucket, cost)
        if taken.allowed:
            return _headers(rate, taken, 0)
        raise _refusal(rate, taken)


def bears(store: Store, failure: StoreError, where: Bears) -> bool:
    """Whether a request is served although the buckets' server has failed so: others have jobs, or it bears that."""
    has_others = len(store.servers) > 1 and failure.kind != OTHER_PARTITIONS
    return (has_others and is_away(failure)) or where.it(store.config, failure)


def _headers(rate: Rate, state: Taken, held: int) -> dict[str, str]:
    return rate_limit(rate[0], state.remaining + held, math.ceil(state.full_in_ms / 1000))


def _refusal(rate: Rate, state: Taken) -> Problem:
    burst, per_second = rate
    wait = wait_for(burst, state)
    allowed = f"This key may send {per_second:,} requests a second, and {burst:,} at once."
    return Problem(429, "rate_limited", f"{allowed} Try again in {wait.seconds} s.", headers=wait.headers)


@cache
def get_limiter() -> Limiter:
    """This process's limiter."""
    return Limiter()
