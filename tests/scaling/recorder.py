"""A pool with a past: what a scaler saw and decided."""

from __future__ import annotations

from typing import Any

import msgspec

from jobs.maintenance.leadership import Leadership
from jobs.store.scaling import Outcome
from scaling.decision import Action, Decision
from scaling.journal import Journal
from scaling.memo import Memo, write_memo
from scaling.models import ScalingPolicy
from scaling.observation import Observation
from scaling.record import Step
from scaling.scaler import NAME
from tests.support.jobs import StoreKit


class Recorder:
    """Records what a scaler saw and decided of the pool `default`, whose policy it saves first."""

    def __init__(self, kit: StoreKit) -> None:
        self.kit = kit
        self.leadership = Leadership(kit.keeper, NAME, "tester")
        self.policy = ScalingPolicy.first("default", kit.store.config)
        self.policy.strategy, self.policy.updated_by = "default", "environment"
        self.policy.save()
        self.journal = Journal()
        self.memo = Memo(queues=("default",), slots=5)
        assert self.leadership.keep()

    def step(
        self,
        ago: float,
        current: int,
        target: int,
        reason: str = "so it is",
        guard: str = "",
        stretch: str = "",
        **seen: Any,
    ) -> None:
        """Record what was decided so many seconds ago, by `seen` fields of an observation."""
        at = self.kit.store.reader.now_ms() / 1000 - ago
        sight = Observation(at=at, workers=current, **seen)
        known = self.kit.store.scaling.kept("default")
        packed = msgspec.msgpack.encode(Step(sight, target, target))
        outcome = Outcome(stretch or f"{at}", target, write_memo(self.memo), packed)
        assert self.kit.store.scaling.record(NAME, self.leadership.token, "default", known, outcome)
        action = Action.SCALE_UP if target > current else Action.SCALE_DOWN if target < current else Action.NONE
        decision = Decision(
            action=action,
            current=current,
            target=target,
            proposed=target,
            reason=reason,
            strategy="default",
            guard=guard or None,
        )
        self.journal.write(self.policy, sight, decision, round(at * 10))
