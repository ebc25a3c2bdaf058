"""What the tests of paused types have in common: claims until there is nothing more, tokens, held jobs."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.store.consumer import Consumer
from jobs.types import Claim
from tests.support.jobs import StoreKit


def ids(claims: Sequence[Claim]) -> list[str]:
    """The ids of claimed jobs, in order."""
    return [claim.id for claim in claims]


def claim_all(kit: StoreKit, worker: Consumer, batch: int = 50, queue: str = "default") -> list[Claim]:
    """Claim until a claim comes back empty and no token says that there is more."""
    claims: list[Claim] = []
    while True:
        got = kit.claim(worker, batch, queue)
        claims += got
        if not got and not tokens(kit, queue):
            return claims


def tokens(kit: StoreKit, queue: str = "default") -> int:
    """How many wake-up tokens wait."""
    return int(kit.client.call("LLEN", kit.keys.wake(queue)))


def held(kit: StoreKit, job_type: str = "echo") -> int:
    """How many jobs of a type wait apart."""
    return int(kit.client.call("ZCARD", kit.keys.held(job_type)))
