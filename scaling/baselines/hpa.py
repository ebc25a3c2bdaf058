"""The Horizontal Pod Autoscaler on the jobs that wait or run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record
from scaling.strategies.strategy import Parameter

TOLERANCE = 0.1


class Hpa:
    """ceil(load / target) as with a metric of the type AverageValue, unless within 10 % of what is there."""

    name: ClassVar[str] = "hpa"
    title: ClassVar[str] = "HPA"
    about: ClassVar[str] = "Keeps the jobs that wait or run for each worker at a target."
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "target": Parameter(0.7, 0.1, 1000.0, "Jobs that wait or run for each worker.")
    }

    def decide(self, observation: Observation, record: Record, policy: Policy) -> Proposal:
        """The formula of the documentation of Kubernetes."""
        target = policy.parameters.get("target", self.parameters["target"].default)
        ratio = observation.load / (target * observation.supply) if observation.supply else math.inf
        if abs(ratio - 1) <= TOLERANCE:
            return Proposal(observation.supply, f"{ratio:.2f} of the target: within a tenth.")
        return Proposal(math.ceil(observation.load / target), f"{observation.load} jobs, {target:g} for each worker.")
