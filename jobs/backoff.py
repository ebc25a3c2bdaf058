"""How long to wait before the next attempt: exponential backoff with jitter, pure and total."""

from __future__ import annotations

import random
from typing import Protocol

import msgspec


class Uniform(Protocol):
    """The one thing that jitter needs: a number in [0, 1)."""

    def random(self) -> float: ...


class Backoff(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Wait before retry k (from 0) = min(base * factor**k, max) seconds, plus up to `jitter` of it on top."""

    base: float = 1.0
    factor: float = 2.0
    max: float = 60.0
    jitter: float = 0.3

    def problem(self) -> str | None:
        """What is wrong with these numbers, in words; None when they can be used."""
        if not 0 <= self.base <= 31_536_000:
            return "base must be between 0 and 31536000 seconds"
        if not 1 <= self.factor <= 1000:
            return "factor must be between 1 and 1000"
        if not self.base <= self.max <= 31_536_000:
            return "max must be between base and 31536000 seconds"
        if not 0 <= self.jitter <= 1:
            return "jitter must be between 0 and 1"
        return None


DEFAULT = Backoff()


def delay_ms(retry: int, policy: Backoff = DEFAULT, rng: Uniform = random) -> int:
    """Milliseconds to wait before retry number `retry` (0 is the first)."""
    wait = min(policy.base, policy.max)
    for _ in range(min(retry, 64)):  # a loop with a ceiling instead of a power that can overflow
        if wait >= policy.max or policy.factor == 1:
            break
        wait = min(wait * policy.factor, policy.max)
    return round(wait * (1 + policy.jitter * rng.random()) * 1000)
