"""A straight line through the depth, sixty seconds on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record

from .seed import DepthRule, in_an_emergency
from .strategy import Parameter
from .trend import through

FAST_GROWTH = 0.3
MOST_URGENT = 3.0


class Predictive:
    """Linear regression over the recent depth; grows by ceil(min(predicted / U, 3)) before the queue does.

    Growth is (depth now - depth at the start of the window) / max(depth at the start, 1); more than 30 % counts only
    once the depth has reached the lower threshold, where it is more than a job or two. Confidence is R squared.
    """

    name: ClassVar[str] = "predictive"
    title: ClassVar[str] = "Predictive"
    about: ClassVar[str] = "Draws a straight line through the recent depth and acts on where it will be."
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "ahead": Parameter(60.0, 1.0, 3600.0, "Seconds ahead that the depth is predicted for."),
        "window": Parameter(120.0, 10.0, 900.0, "Seconds of history that the line is drawn through."),
    }

    def decide(self, observation: Observation, record: Record, policy: Policy) -> Proposal:
        """More workers where the line goes over the upper threshold; otherwise what the depth rule takes away."""
        ahead = policy.parameters.get("ahead", self.parameters["ahead"].default)
        window = policy.parameters.get("window", self.parameters["window"].default)
        points = _depths(observation, record, window)
        line = through(points)
        now = in_an_emergency(observation)
        if now is not None or line is None:
            rule = DepthRule(up=policy.scale_up_threshold, down=policy.scale_down_threshold)
            return now or rule.apply(observation)
        predicted = max(0.0, line.at(ahead))
        growth = (points[-1][1] - points[0][1]) / max(points[0][1], 1.0)
        fast = growth > FAST_GROWTH and observation.waiting >= policy.scale_down_threshold
        seen = f"{predicted:.0f} jobs expected to wait in {ahead:g} s, growth {growth:+.0%}"
        if predicted > policy.scale_up_threshold or fast:
            extra = max(1, math.ceil(min(predicted / max(policy.scale_up_threshold, 1), MOST_URGENT)))
            return Proposal(observation.supply + extra, f"{seen}: {extra} more.", line.fit)
        if max(predicted, float(observation.waiting)) < policy.scale_down_threshold:
            return Proposal(max(observation.supply - 1, 0), f"{seen}: one less.", line.fit)
        return Proposal(observation.supply, f"{seen}: within the thresholds.", line.fit)


def _depths(seen: Observation, record: Record, window: float) -> list[tuple[float, float]]:
    points = [
        (step.observation.at, float(step.observation.waiting))
        for step in record.steps
        if seen.at - window <= step.observation.at < seen.at
    ]
    return [*points, (seen.at, float(seen.waiting))]
