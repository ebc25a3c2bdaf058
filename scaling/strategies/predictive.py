"""A straight line through the depth, sixty seconds on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import msgspec

from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record

from .seed import DepthRule, in_an_emergency, one_less
from .strategy import Parameter
from .trend import through

FAST_GROWTH = 0.3
MOST_URGENT = 3.0


class Predictive:
    """Linear regression over the recent depth; grows by ceil(min(predicted / U, 3)) before the queue does.

    A queue that has grown already is the business of the rule of thresholds: where that asks for more, it gets more.
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
        line, emergency = through(points), in_an_emergency(observation)
        rule = DepthRule(up=policy.scale_up_threshold, down=policy.scale_down_threshold).apply(observation)
        if emergency is not None or line is None:
            return emergency or rule
        grown = (points[-1][1] - points[0][1]) / max(points[0][1], 1.0)
        own = _proposed(max(0.0, line.at(ahead)), grown, ahead, observation, policy)
        chosen = rule if rule.workers > max(own.workers, observation.supply) else own
        return msgspec.structs.replace(chosen, confidence=line.fit)


def _proposed(predicted: float, growth: float, ahead: float, seen: Observation, policy: Policy) -> Proposal:
    """What the line says alone."""
    up, down = policy.scale_up_threshold, policy.scale_down_threshold
    words = f"{round(predicted, 1):.12g} jobs expected to wait in {ahead:g} s, growth {growth * 100:+,.0f} %"
    if predicted > up or (growth > FAST_GROWTH and seen.waiting >= down):
        extra = max(1, math.ceil(min(predicted / max(up, 1), MOST_URGENT)))
        return Proposal(seen.supply + extra, f"{words}: {extra} more.")
    if max(predicted, float(seen.waiting)) < down:
        return one_less(seen, words)
    if predicted < down:
        return Proposal(seen.supply, f"{words}: none is taken away while {seen.waiting} wait.")
    return Proposal(seen.supply, f"{words}: within {down} to {up}.")


def _depths(seen: Observation, record: Record, window: float) -> list[tuple[float, float]]:
    points = [
        (step.observation.at, float(step.observation.waiting))
        for step in record.steps
        if seen.at - window <= step.observation.at < seen.at
    ]
    return [*points, (seen.at, float(seen.waiting))]
