"""Loads to try strategies on, made up: the four shapes that scalers stumble over."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from scaling.simulator.trace import Trace

HOUR: Final = 3600
_SEED: Final = 7


def _day() -> Trace:
    """Calm at night, a first peak before noon, a higher one in the evening, 15 % noise; 24 h in buckets of 5 min."""
    rng, width = random.Random(_SEED), 300.0
    hours = [index * width / HOUR for index in range(24 * HOUR // 300)]
    rates = [0.15 + 0.6 * _hump(hour, 11.0, 2.5) + 0.85 * _hump(hour, 19.5, 2.0) for hour in hours]
    return Trace("day", width, [rate * (1 + rng.uniform(-0.15, 0.15)) for rate in rates], smooth=True)


def _bursts() -> Trace:
    """A twentieth of the peak, and about each quarter of an hour a burst of a minute or two; 3 h in buckets of 10 s."""
    rng, width = random.Random(_SEED), 10.0
    rates = [0.05] * (3 * HOUR // 10)
    start = 30
    while start < len(rates):
        rates[start : start + rng.randint(6, 12)] = [rng.uniform(0.5, 1.0)] * min(12, len(rates) - start)
        start += rng.randint(60, 120)
    return Trace("bursts", width, rates)


def _step() -> Trace:
    """Ten times the load at once, for an hour of two; 6 h in buckets of 10 s."""
    return Trace("step", 10.0, [1.0 if at * 10 // HOUR % 2 else 0.1 for at in range(6 * HOUR // 10)])


def _hourly() -> Trace:
    """A batch at the full hour, put off beforehand and so seen coming, and little between; 6 h in buckets of 10 s."""
    return Trace("hourly", 10.0, [1.0 if at * 10 % HOUR < 60 else 0.02 for at in range(6 * HOUR // 10)], scheduled=True)


def _hump(hour: float, middle: float, width: float) -> float:
    return math.exp(-(((hour - middle) / width) ** 2))


EXAMPLES: Final[Mapping[str, Callable[[], Trace]]] = MappingProxyType(
    {"day": _day, "bursts": _bursts, "step": _step, "hourly": _hourly}
)
