"""Holds a share of jobs that start within a goal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record

from .hold import Hold
from .need import Caution, Need, needs
from .strategy import Parameter

CALM = 0.25
"""The part of the goal that the oldest job may have waited while a small growth can still be put off."""


class LatencyTarget:
    """Workers for the load to come and for the backlog within the goal; the formula is in docs/scaling.md.

    Needs that last are held for a while when they fall; a backlog is worked off once, so the workers for it are not.
    What can be mended within the goal once it is seen needs no precaution: margins, overshoot and hold grow with the
    time that a new worker comes too late for that.
    """

    name: ClassVar[str] = "latency_target"
    title: ClassVar[str] = "Latency target"
    about: ClassVar[str] = "Keeps as many workers as it takes for the goal's share of jobs to start within the goal."
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "headroom": Parameter(0.02, 0.0, 2.0, "Share of the steady load that is kept on top of it."),
        "margin": Parameter(1.5, 0.0, 6.0, "Standard deviations of the load to come that are covered."),
        "overshoot": Parameter(0.05, 0.0, 1.0, "Share that is added when the pool grows, so that it grows less often."),
        "hold": Parameter(20.0, 0.0, 600.0, "Least seconds that workers are kept after they were last needed."),
    }

    def decide(self, observation: Observation, record: Record, policy: Policy) -> Proposal:
        """The largest of the needs; on the way down what was needed a while ago."""
        chosen = {name: policy.parameters.get(name, known.default) for name, known in self.parameters.items()}
        caution = Caution.of(observation, policy)
        found = needs(observation, policy, chosen, caution)
        most = max(found, key=lambda need: need.workers)
        needed = _whole(most, observation)
        lasting = max(_whole(need, observation) for need in found if need.lasts)
        hold = Hold(least=max(chosen["hold"], caution.startup) * caution.share)
        held, memory = hold.apply(lasting, observation, record.memory, policy)
        confidence = 1.0 if observation.service_time or observation.usual_service_time else 0.5
        if held > needed:
            reason = f"{needed} needed now for {most.reason}; {held}, because so many were needed a while ago."
            return Proposal(held, reason, confidence, memory)
        workers, more = _grown(needed, observation, policy, chosen["overshoot"], caution)
        return Proposal(workers, f"{needed} needed for {most.reason}{more}.", confidence, memory)


def _whole(need: Need, seen: Observation) -> int:
    return math.ceil(need.workers / seen.slots - 1e-9)


def _grown(needed: int, seen: Observation, policy: Policy, overshoot: float, caution: Caution) -> tuple[int, str]:
    """The workers to grow to, and how that differs from what is needed, in words."""
    if needed <= seen.supply:
        return needed, ""
    small = 0.05 + 0.1 * (1 - caution.share)
    if needed < seen.supply * (1 + small) and seen.oldest_age < policy.wait_goal * CALM:
        return seen.supply, f"; for so few more {seen.supply} do while nothing waits long"
    workers = math.ceil(needed * (1 + overshoot * caution.share))
    return workers, f"; {workers}, so as not to grow again at once" if workers > needed else ""
