"""Depth against half the thresholds, in double steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record

from .seed import DepthRule, in_an_emergency
from .strategy import Parameter


class Aggressive:
    """As `Default` with half of either threshold, and twice as many more workers at a time."""

    name: ClassVar[str] = "aggressive"
    title: ClassVar[str] = "Aggressive"
    about: ClassVar[str] = "Grows at half the threshold and twice as fast: short waits, more workers."
    parameters: ClassVar[Mapping[str, Parameter]] = {}

    def decide(self, observation: Observation, record: Record, policy: Policy) -> Proposal:
        """The rule of thresholds, halved, with steps doubled."""
        rule = DepthRule(up=policy.scale_up_threshold / 2, down=policy.scale_down_threshold / 2, factor=2)
        return in_an_emergency(observation) or rule.apply(observation)
