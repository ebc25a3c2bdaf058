"""Token buckets of this process alone: for what may be counted by each, and for while the store is away."""

from __future__ import annotations

import math
import threading
import time

from jobs.store.buckets import Bucket, Taken


class LocalBuckets:
    """Takes tokens like `jobs.store.buckets.Buckets`, by this process's monotonic clock.

    At most `most` buckets are remembered; those that were used least recently are forgotten, which fills them.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._full_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, bucket: Bucket, cost: int = 1) -> Taken:
        """Take `cost` tokens if there are as many; a negative cost gives some back, 0 only looks."""
        each = 1 / bucket.refill
        span = bucket.capacity * each
        with self._lock:
            now = time.monotonic()
            missing = min(max(0.0, self._full_at.get(bucket.name, now) - now), span)
            after = max(0.0, missing + min(cost, bucket.capacity) * each)
            allowed = after <= span + 1e-9
            lacking = after if allowed else missing
            self._keep(bucket.name, now + lacking, forget=lacking == 0)
        wait = 0 if allowed else math.ceil((after - span) * 1000)
        return Taken(allowed, math.floor((span - lacking) / each + 1e-6), wait, math.ceil(lacking * 1000))

    def _keep(self, name: str, full_at: float, *, forget: bool) -> None:
        self._full_at.pop(name, None)
        if not forget:
            self._full_at[name] = full_at
        while len(self._full_at) > self._most:
            del self._full_at[next(iter(self._full_at))]
