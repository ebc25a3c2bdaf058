"""How one pool is to be scaled, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one pool. Times are in seconds; counts are workers unless they say otherwise.

    `scale_up_threshold` and `scale_down_threshold` are waiting jobs. Up and down each have a cooldown and a most that
    one step may change (None: no limit). Down goes to the largest recommendation of the last `stabilization` seconds,
    and not for less than `tolerance` (a share) of the fleet. A pool holds its goal when `goal_share` of its jobs start
    within `wait_goal`. `look_back` is how long missing or stale figures may be old before the pool is held as it is.
    `parameters` are those of the strategy.
    """

    pool: str = "default"
    strategy: str = "latency_target"
    minimum: int = 1
    maximum: int = 10
    scale_up_threshold: int = 50
    scale_down_threshold: int = 10
    cooldown_up: float = 0.0
    cooldown_down: float = 30.0
    step_up: int | None = None
    step_down: int | None = None
    stabilization: float = 0.0
    tolerance: float = 0.1
    wait_goal: float = 10.0
    goal_share: float = 0.99
    interval: float = 5.0
    look_back: float = 30.0
    parameters: Mapping[str, float] = MappingProxyType({})
