"""Rate limits of API keys: a token a request, and one more for each hundred jobs of a bulk enqueue after the first."""

from __future__ import annotations

import math

from jobs.access.principal import Principal
from jobs.store.buckets import Bucket, Taken
from jobs.store.store import Store

from .problems import Problem


def take(store: Store, principal: Principal, cost: int = 1) -> dict[str, str]:
    """Take tokens of the one who asks; return the headers that tell what is left, none for people.

    Raises Problem 429 where there are too few, and StoreError.
    """
    if principal.rate is None:
        return {}
    burst, per_second = principal.rate
    taken = store.buckets.take(Bucket(principal.id, burst, per_second), cost)
    headers = _headers(burst, taken)
    if taken.allowed:
        return headers
    wait = max(1, math.ceil(taken.retry_after_ms / 1000))
    detail = f"This key may send {per_second:,} requests a second, and {burst:,} at once. Try again in {wait} s."
    raise Problem(429, "rate_limited", detail, headers={**headers, "Retry-After": str(wait)})


def _headers(burst: int, taken: Taken) -> dict[str, str]:
    return {
        "RateLimit-Limit": str(burst),
        "RateLimit-Remaining": str(taken.remaining),
        "RateLimit-Reset": str(math.ceil(taken.full_in_ms / 1000)),
    }
