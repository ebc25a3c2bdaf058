"""How long somebody has to wait who has asked too often, and the headers that say so."""

from __future__ import annotations

import math
from typing import NamedTuple

from jobs.store.buckets import Taken


class Wait(NamedTuple):
    """After how many seconds another try may be made, 0 for at once; `limit` tries may come at once,
    `remaining` of them now, and all of them again in `reset` seconds."""

    seconds: int = 0
    limit: int = 0
    remaining: int = 0
    reset: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """Those of a refusal."""
        return {"Retry-After": str(self.seconds), **rate_limit(self.limit, self.remaining, self.reset)}


def wait_for(burst: int, state: Taken) -> Wait:
    """The wait of somebody whose bucket has refused."""
    return Wait(
        max(1, math.ceil(state.retry_after_ms / 1000)), burst, state.remaining, math.ceil(state.full_in_ms / 1000)
    )


def rate_limit(limit: int, remaining: int, reset: int) -> dict[str, str]:
    """The RateLimit headers: requests at once, those that are left, seconds until all of them are there again."""
    return {"RateLimit-Limit": str(limit), "RateLimit-Remaining": str(remaining), "RateLimit-Reset": str(reset)}
