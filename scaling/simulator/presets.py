"""The guards that suit each strategy, as the simulations use them; and the baselines, which only simulations know."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from scaling.policy import Policy
from scaling.strategies.lookup import find, names

DEPTH_COOLDOWNS: Final[Mapping[str, float]] = MappingProxyType(
    {"default": 60.0, "predictive": 60.0, "aggressive": 30.0, "conservative": 120.0}
)
BASELINES: Final[Mapping[str, Policy]] = MappingProxyType(
    {"hpa": Policy(strategy="scaling.baselines.hpa.Hpa", cooldown_down=0, stabilization=300, tolerance=0)}
)


def preset(strategy: str, startup: float) -> Policy:
    """A policy with thresholds of 50 and 10; `startup` is that of a worker in seconds.

    The rules of depth have one cooldown for both directions and nothing else. The latency target holds
    by itself and needs no stabilization. A baseline has what its system does by itself. Others, `ml` and
    those from outside, have what a new policy has.
    """
    if strategy in BASELINES:
        return BASELINES[strategy]
    if strategy in DEPTH_COOLDOWNS:
        wait = DEPTH_COOLDOWNS[strategy]
        return Policy(strategy=strategy, cooldown_up=wait, cooldown_down=wait, stabilization=0, tolerance=0)
    if strategy == "latency_target":
        return Policy(strategy=strategy, stabilization=0)
    return Policy(strategy=strategy)


def choices() -> tuple[str, ...]:
    """The names that can be simulated without a dotted path: strategies, then baselines."""
    return (*names(), *BASELINES)


def title(strategy: str) -> str:
    """What a strategy or a baseline is called in a table. Raises UnknownStrategyError."""
    return find(BASELINES[strategy].strategy).title if strategy in BASELINES else find(strategy).name
