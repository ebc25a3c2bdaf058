"""Something that the jobs call, and that too many calls at once make worse."""

from __future__ import annotations

import math

import msgspec


class Dependency(msgspec.Struct, frozen=True, kw_only=True):
    """Takes `limit` calls at once. With b times as many, each lasts b times as long and succeeds once in b times: so
    the more call it, the less gets done. That is so from `since` to `until`, in seconds from the start of the load.

    `guarded` False: nobody is told how long jobs usually take, so that the guard against this cannot act.
    """

    limit: int
    since: float = 0.0
    until: float = math.inf
    guarded: bool = True

    def __post_init__(self) -> None:
        """Raise ValueError, with words for people."""
        if self.limit < 1 or not self.since < self.until:
            raise ValueError("a dependency takes at least 1 call, and is saturated from a moment to a later one")

    def burden(self, at: float, calls: int) -> float:
        """How many times its limit so many calls are, at least 1."""
        return max(1.0, calls / self.limit) if self.since <= at < self.until else 1.0
