"""Queue time within a range, a worker at a time, as Judoscale and HireFire do it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record
from scaling.strategies.strategy import Parameter

HIGH, LOW = 0.5, 0.1


class Judoscale:
    """One more while the oldest job has waited for more than half of the goal, one less below a tenth of it.

    https://judoscale.com/docs/autoscaling-algorithm: queue time above the upper threshold adds, below the lower one
    takes away. It looks every 10 s; shrinks at most once a minute (the policy's interval and cooldown).
    """

    name: ClassVar[str] = "judoscale"
    title: ClassVar[str] = "Judoscale, one at a time"
    about: ClassVar[str] = "Keeps the wait of the oldest job within a range."
    parameters: ClassVar[Mapping[str, Parameter]] = {}

    def decide(self, observation: Observation, record: Record, policy: Policy) -> Proposal:
        """One more, one less, or as it is."""
        supply, age = observation.supply, observation.oldest_age
        words = f"The oldest job has waited {age:.1f} s"
        if age > policy.wait_goal * HIGH:
            return Proposal(supply + 1, f"{words}, more than {policy.wait_goal * HIGH:g} s: one more.")
        if age < policy.wait_goal * LOW:
            return Proposal(max(supply - 1, 0), f"{words}, less than {policy.wait_goal * LOW:g} s: one less.")
        return Proposal(supply, f"{words}: within the range.")
