"""KEDA on the length of a list in Redis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record
from scaling.strategies.strategy import Parameter

from .hpa import average_value


class Keda:
    """ceil(waiting / listLength) by the Horizontal Pod Autoscaler, which KEDA feeds; jobs that run are not seen.

    https://keda.sh/docs/latest/scalers/redis-lists/: listLength is 5, here for each slot of a worker. KEDA itself only
    goes from 0 to 1 and back (pollingInterval 30 s, cooldownPeriod 300 s), which no pool of a minimum above 0 needs.
    """

    name: ClassVar[str] = "keda"
    title: ClassVar[str] = "KEDA, redis list and HPA"
    about: ClassVar[str] = "Keeps the jobs that wait for each worker at a target."
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "target": Parameter(5.0, 0.1, 1000.0, "Jobs that wait for each slot.")
    }

    def decide(self, observation: Observation, record: Record, policy: Policy) -> Proposal:
        """The formula of the Horizontal Pod Autoscaler for an external metric."""
        target = policy.parameters.get("target", self.parameters["target"].default)
        return average_value(observation.waiting, target * observation.slots, observation, record)
