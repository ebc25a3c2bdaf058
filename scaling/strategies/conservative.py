"""Depth against twice the threshold, one worker at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record

from .seed import DepthRule, in_an_emergency
from .strategy import Parameter


class Conservative:
    """As `Default` with twice the upper threshold, and one more worker at a time."""

    name: ClassVar[str] = "conservative"
    title: ClassVar[str] = "Conservative"
    about: ClassVar[str] = "Grows late and by one worker at a time: few workers, long waits."
    parameters: ClassVar[Mapping[str, Parameter]] = {}

    def decide(self, observation: Observation, record: Record, policy: Policy) -> Proposal:
        """The rule of thresholds, the upper one doubled, in steps of one."""
        rule = DepthRule(up=policy.scale_up_threshold * 2, down=policy.scale_down_threshold, most=1)
        return in_an_emergency(observation) or rule.apply(observation)
