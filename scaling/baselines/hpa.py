"""The Horizontal Pod Autoscaler on the jobs that wait or run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from scaling.guards.pace import recent
from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record
from scaling.strategies.strategy import Parameter

TOLERANCE = 0.1
PERIOD, LEAST_GROWTH = 15.0, 4


class Hpa:
    """ceil(load / target) as with a metric of the type AverageValue, unless within 10 % of what is there.

    https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/: in 15 s it grows by 4 or by 100 %,
    whichever is more, and it shrinks to the largest recommendation of 300 s (the policy's stabilization). It looks
    every 15 s (the policy's interval). The target is that of a slot: a worker of several has as many times as much.
    """

    name: ClassVar[str] = "hpa"
    title: ClassVar[str] = "HPA on waiting and running jobs"
    about: ClassVar[str] = "Keeps the jobs that wait or run for each worker at a target."
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "target": Parameter(0.7, 0.1, 1000.0, "Jobs that wait or run for each slot.")
    }

    def decide(self, observation: Observation, record: Record, policy: Policy) -> Proposal:
        """The formula of the documentation of Kubernetes."""
        target = policy.parameters.get("target", self.parameters["target"].default)
        return average_value(observation.load, target * observation.slots, observation, record)


def average_value(total: float, target: float, seen: Observation, record: Record) -> Proposal:
    """Replicas for a metric's total of which each should have `target`, within what may be added in a period."""
    ratio = total / (target * seen.supply) if seen.supply else math.inf
    if abs(ratio - 1) <= TOLERANCE:
        return Proposal(seen.supply, f"{ratio:.2f} of the target: within a tenth.")
    added = sum(max(step.decided - step.observation.supply, 0) for step in recent(record, seen.at, PERIOD))
    before = max(seen.supply - added, 0)
    wanted = min(math.ceil(total / target), before + max(before, LEAST_GROWTH))
    return Proposal(wanted, f"{total:g} jobs, {target:g} for each worker.")
