"""The autoscaler of a worker of Celery."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record
from scaling.strategies.strategy import Parameter

KEEPALIVE = 30.0


class Celery:
    """As many processes as there are reserved tasks, at once; fewer only 30 s after it last grew.

    celery/worker/autoscale.py (`_maybe_scale`, AUTOSCALE_KEEPALIVE). A worker reserves four tasks a process
    (worker_prefetch_multiplier) and looks every second (the policy's interval). Each slot of a worker is a process.
    """

    name: ClassVar[str] = "celery"
    title: ClassVar[str] = "Celery --autoscale"
    about: ClassVar[str] = "A process for each reserved task, until 30 s after it last grew."
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "prefetch": Parameter(4.0, 1.0, 1000.0, "Tasks reserved for each process.")
    }

    def decide(self, observation: Observation, record: Record, policy: Policy) -> Proposal:
        """Grows to what is reserved; shrinks to it once the pool has not grown for long enough, in whole workers."""
        prefetch = policy.parameters.get("prefetch", self.parameters["prefetch"].default)
        supply, now = observation.supply, observation.at
        reserved = min(observation.load, int(prefetch * max(supply, 1) * observation.slots))
        workers = math.ceil(reserved / observation.slots)
        grown = record.memory.get("grown", now)
        if workers > supply:
            return Proposal(workers, f"{reserved} tasks are reserved.", 1.0, {"grown": now})
        if workers < supply and now - grown <= KEEPALIVE:
            words = f"{reserved} tasks are reserved; it grew {now - grown:.0f} s ago."
            return Proposal(supply, words, 1.0, {"grown": grown})
        return Proposal(workers, f"{reserved} tasks are reserved.", 1.0, {"grown": grown})
