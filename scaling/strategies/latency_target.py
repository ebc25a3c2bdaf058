"""Holds a share of jobs that start within a goal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import msgspec

from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record

from .calm import Calm
from .hold import Hold
from .need import Caution, Need, needs
from .strategy import Parameter
from .words import in_each

CALM = 0.25
"""The part of the goal that the oldest job may have waited while a small growth can still be put off."""
SMALL, SMALL_IN_TIME, SMALL_IN_STRAIN = 0.05, 0.1, 0.3
"""Growth by less than this share can be put off: at least; more where workers come in time; more after many changes."""
FEW, FEW_IN_STRAIN = 0.1, 0.2
"""Shrinking by less than this share is put off: at least; more after many changes."""
STARTUPS = 2.0
"""Start-up times without a change before a pool shrinks; twice as many after many changes."""


class LatencyTarget:
    """Workers for the load to come and for the backlog within the goal; the formula is in docs/scaling.md.

    Needs that last are held for a while when they fall; a backlog is worked off once, so the workers for it are not.
    What can be mended within the goal once it is seen needs no precaution: margins, overshoot and hold grow with the
    time that a new worker comes too late for that. The more often the pool was changed lately, the larger a change has
    to be; at the limit it only grows, and only where the goal needs it.
    """

    name: ClassVar[str] = "latency_target"
    title: ClassVar[str] = "Latency target"
    about: ClassVar[str] = "Keeps as many workers as it takes for the goal's share of jobs to start within the goal."
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "headroom": Parameter(0.02, 0.0, 2.0, "Share of the steady load that is kept on top of it."),
        "margin": Parameter(1.5, 0.0, 6.0, "Standard deviations of the load to come that are covered."),
        "overshoot": Parameter(0.05, 0.0, 1.0, "Share that is added when the pool grows, so that it grows less often."),
        "hold": Parameter(20.0, 0.0, 600.0, "Least seconds that workers are kept after they were last needed."),
        "changes": Parameter(
            60.0, 5.0, 3600.0, "Changes an hour at most; growth that the goal needs is never put off."
        ),
    }

    def decide(self, observation: Observation, record: Record, policy: Policy) -> Proposal:
        """The largest of the needs; on the way down what was needed a while ago."""
        chosen = {name: policy.parameters.get(name, known.default) for name, known in self.parameters.items()}
        caution = Caution.of(observation, policy)
        found = needs(observation, policy, chosen, caution)
        most = max(found, key=lambda need: need.workers)
        lasting = max(_whole(need, observation) for need in found if need.lasts)
        hold = Hold(least=max(chosen["hold"], caution.startup) * caution.share)
        held, memory = hold.apply(lasting, observation, record.memory, policy)
        calm = Calm.of(observation, record, chosen["changes"], policy.maximum)
        pace = _Pace(observation, policy, caution, calm)
        needed = _whole(most, observation)
        if needed > observation.supply:
            workers, words = pace.grown(needed, chosen["overshoot"])
        else:
            workers, words = pace.kept(needed, held)
        confidence = 1.0 if observation.service_time or observation.usual_service_time else 0.5
        why = f"{needed} needed for {most.reason}{in_each(observation.slots)}{words}."
        return Proposal(workers, why, confidence, {**memory, **calm.memory()})


class _Pace(msgspec.Struct, frozen=True):
    """Whether a change is worth while now. Either answer has the workers, and how that differs from need, in words."""

    seen: Observation
    policy: Policy
    caution: Caution
    calm: Calm

    def grown(self, needed: int, overshoot: float) -> tuple[int, str]:
        """More are needed than there are."""
        supply, strain = self.seen.supply, self.calm.strain
        small = SMALL + SMALL_IN_TIME * (1 - self.caution.share) + SMALL_IN_STRAIN * strain
        if needed < supply * (1 + small) and self.seen.oldest_age < self.policy.wait_goal * CALM:
            return supply, f"; for so few more {supply} do while nothing waits long"
        workers = math.ceil(needed * (1 + overshoot * self.caution.share))
        return workers, f"; {workers}, so as not to grow again at once" if workers > needed else ""

    def kept(self, needed: int, held: int) -> tuple[int, str]:
        """As many are needed as there are, or fewer."""
        supply, strain = self.seen.supply, self.calm.strain
        workers = max(needed, min(held, supply))  # what was needed a while ago is kept, and no reason to grow
        if workers < supply and (stay := self._stays(supply - workers, strain)):
            return supply, f"; {supply} stay, {stay}"
        if workers > needed:
            return workers, f"; {workers}, because so many were needed a while ago"
        return workers, ""

    def _stays(self, fewer: int, strain: float) -> str:
        """Why the pool does not shrink now; "" if it may."""
        seen, quiet = self.seen, self.calm.quiet(self.seen.at)
        if (seen.arrivals.last_15s, seen.arrivals.last_60s, seen.arrivals.last_300s) == (None, None, None):
            return "until somebody has counted what comes"
        if strain >= 1:
            return "since it has been changed often enough for now"
        if fewer < (FEW + FEW_IN_STRAIN * strain) * seen.supply:
            return f"since {fewer} fewer are not worth a change"
        if quiet < STARTUPS * self.caution.startup * (1 + strain):
            return f"since the last change was {quiet:.0f} s ago"
        return ""


def _whole(need: Need, seen: Observation) -> int:
    return math.ceil(need.workers / seen.slots - 1e-9)
