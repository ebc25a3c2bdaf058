"""Token buckets on the server's clock: what every rate limit that holds for all web processes is made of."""

from __future__ import annotations

import msgspec

from .client import Client
from .keys import Keys


class Bucket(msgspec.Struct, frozen=True):
    """A bucket: its name (`key:7`, `login:192.0.2.1`), the tokens it holds when full, and its refill a second.

    Capacity and refill may change between two calls. Both are above 0; a capacity is a whole number.
    """

    name: str
    capacity: int
    refill: float


class Taken(msgspec.Struct, frozen=True):
    """What became of a wish for tokens: whether it was met, and the state of the bucket afterwards.

    `remaining` are whole tokens, `retry_after_ms` the time until the same cost can be met (0 when it was),
    `full_in_ms` the time until the bucket is full.
    """

    allowed: bool
    remaining: int
    retry_after_ms: int
    full_in_ms: int


class Buckets:
    """Takes tokens: `take(bucket, cost=1) -> Taken`. A bucket that nobody uses leaves no key behind.

    A cost above the capacity takes a whole bucket, a negative one gives tokens back, 0 only looks. Nothing is taken
    where the wish is refused. Raises StoreError, and takes one round trip.
    """

    def __init__(self, client: Client, keys: Keys, offset_ms: int = 0) -> None:
        self._client = client
        self._keys = keys
        self.offset_ms = offset_ms

    def take(self, bucket: Bucket, cost: int = 1) -> Taken:
        """Take `cost` tokens if there are as many."""
        args = (self.offset_ms, bucket.capacity, repr(bucket.refill), cost)
        reply = self._client.run("take_tokens", (self._keys.bucket(bucket.name),), args)
        allowed, remaining, retry_after_ms, full_in_ms = (int(number) for number in reply)
        return Taken(allowed == 1, remaining, retry_after_ms, full_in_ms)
