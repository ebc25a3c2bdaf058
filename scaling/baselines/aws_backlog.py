"""Target tracking on the backlog of an instance, as Amazon advises for SQS."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record
from scaling.strategies.strategy import Parameter

from .windows import window

MINUTE = 60.0
OUT_AFTER, IN_AFTER = 3, 15
IN_BELOW = 0.9


class AwsBacklog:
    """waiting / workers is kept at slots * goal / service time: the backlog that one worker may have.

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-using-sqs-queue.html, with the alarms that target tracking
    makes: out to waiting / target after 3 minutes above it, in after 15 minutes below 0.9 of it. A value a minute (the
    policy's interval).
    """

    name: ClassVar[str] = "aws_backlog"
    title: ClassVar[str] = "AWS backlog per instance"
    about: ClassVar[str] = "Keeps the jobs that wait for each worker at what it does within the goal."
    parameters: ClassVar[Mapping[str, Parameter]] = {}

    def decide(self, observation: Observation, record: Record, policy: Policy) -> Proposal:
        """Grows or shrinks in proportion once all values of an alarm are beyond it."""
        service = observation.service_time or observation.usual_service_time or 1.0
        target = max(policy.wait_goal / service, 1.0) * observation.slots
        seen = window(observation, record, IN_AFTER * MINUTE)
        values = [each.waiting / max(each.supply, 1) for each in seen]
        fits = math.ceil(observation.waiting / target)
        words = f"{values[0]:.2f} jobs wait for each worker, {target:.2f} may"
        if _all(values, OUT_AFTER) and min(values[:OUT_AFTER]) > target:
            return Proposal(max(fits, observation.supply), f"{words}: {fits} for {OUT_AFTER} minutes of that.")
        if _all(values, IN_AFTER) and max(values[:IN_AFTER]) < target * IN_BELOW:
            return Proposal(min(fits, observation.supply), f"{words}: {fits} after {IN_AFTER} minutes of that.")
        return Proposal(observation.supply, f"{words}: no alarm.")


def _all(values: Sequence[float], count: int) -> bool:
    return len(values) >= count
