"""The depth rule that three of the strategies share, and their ways of saying what they did."""

from __future__ import annotations

import math

import msgspec

from scaling.observation import Observation
from scaling.proposal import Proposal

from .words import waits

EMERGENCY_ERROR_RATE = 0.2
EMERGENCY_WORKERS = 2


class DepthRule(msgspec.Struct, frozen=True):
    """Add `factor * ceil((depth - up) / up)` workers, at most `most`, above `up` waiting jobs; take one away below
    `down`."""

    up: float
    down: float
    factor: int = 1
    most: int | None = None

    def apply(self, seen: Observation) -> Proposal:
        """What the rule makes of the jobs that wait in `seen`."""
        depth = seen.waiting
        if depth > self.up:
            extra = math.ceil((depth - self.up) / max(self.up, 1.0)) * self.factor
            extra = extra if self.most is None else min(extra, self.most)
            return Proposal(seen.supply + extra, f"{waits(depth)}, more than {self.up:.9g}: {extra} more.")
        if depth < self.down:
            return one_less(seen, f"{waits(depth)}, fewer than {self.down:.9g}")
        return Proposal(seen.supply, f"{waits(depth)}: within {self.down:.9g} to {self.up:.9g}.")


def in_an_emergency(seen: Observation) -> Proposal | None:
    """Two more workers while more than 20 % of executions fail; None otherwise."""
    if seen.error_rate is None or seen.error_rate <= EMERGENCY_ERROR_RATE:
        return None
    reason = f"{100 * seen.error_rate:.4g} % of executions failed in the last minute, more than 20 %: two more."
    return Proposal(seen.supply + EMERGENCY_WORKERS, reason)


def one_less(seen: Observation, why: str) -> Proposal:
    """One worker taken away, where there is one: a step, however few are needed."""
    if not seen.supply:
        return Proposal(0, f"{why}: there is no worker to take away.")
    return Proposal(seen.supply - 1, f"{why}: one less.", is_step=True)
