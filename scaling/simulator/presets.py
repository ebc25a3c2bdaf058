"""The guards that suit each strategy, as the simulations use them; and the baselines, which only simulations know."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from scaling.policy import Policy
from scaling.strategies.lookup import find, names

DEPTH_COOLDOWNS: Final[Mapping[str, float]] = MappingProxyType(
    {"default": 60.0, "predictive": 60.0, "aggressive": 30.0, "conservative": 120.0}
)
TUNED: Final = MappingProxyType({"target": 0.9})


def _baseline(module: str, name: str, **guards: Any) -> Policy:
    bare = {"cooldown_down": 0.0, "stabilization": 0.0, "tolerance": 0.0}
    return Policy(strategy=f"scaling.baselines.{module}.{name}", **{**bare, **guards})


BASELINES: Final[Mapping[str, Policy]] = MappingProxyType(
    {
        "hpa": _baseline("hpa", "Hpa", interval=15.0, stabilization=300.0),
        "hpa_tuned": _baseline("hpa", "Hpa", interval=5.0, stabilization=60.0, parameters=TUNED),
        "keda": _baseline("keda", "Keda", interval=15.0, stabilization=300.0),
        "knative": _baseline("knative", "Knative", interval=2.0),
        "aws_backlog": _baseline("aws_backlog", "AwsBacklog", interval=60.0),
        "celery": _baseline("celery", "Celery", interval=1.0),
        "judoscale": _baseline("judoscale", "Judoscale", interval=10.0, cooldown_down=60.0),
    }
)
"""What others do by themselves: how often they look, and what guards them."""
_TITLES: Final[Mapping[str, str]] = MappingProxyType({"hpa_tuned": "HPA, tuned (0.9, 60 s, looks every 5 s)"})


def preset(strategy: str, startup: float) -> Policy:
    """A policy with thresholds of 50 and 10; `startup` is that of a worker in seconds.

    The rules of depth have one cooldown for both directions and nothing else. A baseline has what its system does by
    itself. Others, ours and those from outside, have what a new policy has.
    """
    if strategy in BASELINES:
        return BASELINES[strategy]
    if strategy in DEPTH_COOLDOWNS:
        wait = DEPTH_COOLDOWNS[strategy]
        return Policy(strategy=strategy, cooldown_up=wait, cooldown_down=wait, stabilization=0, tolerance=0)
    return Policy(strategy=strategy)


def choices() -> tuple[str, ...]:
    """The names that can be simulated without a dotted path: strategies, then baselines."""
    return (*names(), *BASELINES)


def title(strategy: str) -> str:
    """What a strategy or a baseline is called in a table. Raises UnknownStrategyError."""
    if strategy in BASELINES:
        return _TITLES.get(strategy) or find(BASELINES[strategy].strategy).title
    return find(strategy).name
