"""Depth against two thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record

from .seed import DepthRule, in_an_emergency
from .strategy import Parameter


class Default:
    """More than U waiting jobs: ceil((depth - U) / U) more workers. Fewer than L: one less. Two more on many errors."""

    name: ClassVar[str] = "default"
    title: ClassVar[str] = "Default"
    about: ClassVar[str] = "Compares the jobs that wait with two thresholds."
    parameters: ClassVar[Mapping[str, Parameter]] = {}

    def decide(self, observation: Observation, record: Record, policy: Policy) -> Proposal:
        """The rule of thresholds as it stands in the policy."""
        rule = DepthRule(up=policy.scale_up_threshold, down=policy.scale_down_threshold)
        return in_an_emergency(observation) or rule.apply(observation)
