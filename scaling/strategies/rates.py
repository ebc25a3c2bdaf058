"""How fast jobs come, from counters over three windows."""

from __future__ import annotations

import math

import msgspec

from scaling.observation import Rates


class Level(msgspec.Struct, frozen=True):
    """Jobs a second now; `steady` is the long-run level where that is as good, None while the load is changing."""

    now: float
    steady: float


def level(rates: Rates, sigmas: tuple[float, float] = (2.0, 3.0)) -> Level:
    """The longest window that the shorter ones do not contradict.

    The level of 300 s stands unless that of 60 s differs by 2 standard deviations of a Poisson count, or that of 15 s
    by 3 from what stands then. A window nobody counted for is passed over; without any the level is 0.
    """
    known = [(rate, seconds) for rate, seconds in _by_length(rates) if rate is not None]
    if not known:
        return Level(0.0, 0.0)
    (now, _), *shorter = known
    steady = now
    for (rate, seconds), limit in zip(shorter, sigmas[-len(shorter) :], strict=False):
        spread = math.sqrt(max(now, rate, 1 / seconds) / seconds)
        if abs(rate - now) > limit * spread:
            now = rate
    return Level(now, steady)


def _by_length(rates: Rates) -> list[tuple[float | None, float]]:
    return [(rates.last_300s, 300.0), (rates.last_60s, 60.0), (rates.last_15s, 15.0)]
