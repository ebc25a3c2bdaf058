"""The autoscaler of Knative, KPA."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record
from scaling.strategies.strategy import Parameter

from .windows import mean_load

STABLE, PANIC = 60.0, 6.0
PANIC_FROM = 2.0
SHRINKS_TO = 0.5


class Knative:
    """ceil(mean concurrency / (0.7 * slots)) over 60 s; over 6 s while in panic, where it does not shrink.

    https://knative.dev/docs/serving/autoscaling/kpa-specific/ and pkg/autoscaler/scaling/autoscaler.go: panic begins
    when the short mean asks for twice the ready workers, and ends 60 s after it last did. It looks every 2 s (the
    policy's interval), and shrinks to half at most (max-scale-down-rate 2). What waits counts as concurrency.
    """

    name: ClassVar[str] = "knative"
    title: ClassVar[str] = "Knative KPA"
    about: ClassVar[str] = "Keeps the mean of jobs that wait or run for each slot at a target, and panics in bursts."
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "target": Parameter(0.7, 0.1, 1000.0, "Jobs that wait or run for each slot.")
    }

    def decide(self, observation: Observation, record: Record, policy: Policy) -> Proposal:
        """The larger of both means in panic, the long one otherwise."""
        slot = policy.parameters.get("target", self.parameters["target"].default) * observation.slots
        ready, now = max(observation.workers, 1), observation.at
        stable = math.ceil(mean_load(observation, record, STABLE) / slot)
        short = math.ceil(mean_load(observation, record, PANIC) / slot)
        since = now if short >= PANIC_FROM * ready else record.memory.get("panic", -math.inf)
        if now - since < STABLE:
            highest = max(stable, short, observation.supply)
            memory = {"panic": since}
            return Proposal(highest, f"{short} for the last 6 s, {stable} for the last minute: panic.", 1.0, memory)
        wanted = max(stable, math.floor(ready * SHRINKS_TO))
        return Proposal(wanted, f"{stable} for the jobs of the last minute.")
