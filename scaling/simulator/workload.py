"""The jobs of a simulation: when each comes and how long it takes."""

from __future__ import annotations

import math
import random
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from scaling.observation import Due

from .trace import START, Trace

SEED = 20140901
DUE_CELL = 5.0
DUE_CELLS = 24
MOST_JOBS = 20_000_000


class Workload(msgspec.Struct, frozen=True):
    """Jobs in the order they come: `arrivals` in seconds from the start, `services` in seconds of processing, best as
    arrays, which take 16 bytes a job. `start` is when they begin, in s since 1970."""

    arrivals: Sequence[float]
    services: Sequence[float]
    seconds: float
    mean_service: float
    scheduled: bool = False
    start: float = START

    def due_after(self, now: float) -> tuple[Due, ...]:
        """The jobs put off that become claimable within two minutes from `now`, at every five seconds."""
        if not self.scheduled:
            return ()
        here, *marks = [bisect_right(self.arrivals, now + DUE_CELL * cell) for cell in range(DUE_CELLS + 1)]
        return tuple(Due(DUE_CELL * (cell + 1), mark - here) for cell, mark in enumerate(marks) if mark > here)


def workload(trace: Trace, mean_service: float = 2.0, cv: float = 1.5, seed: int = SEED) -> Workload:
    """Poisson arrivals at the trace's rates; lognormal services with a mean in seconds and a coefficient of variation.

    The same seed gives the same jobs. Raises ValueError where there would be more than MOST_JOBS.
    """
    expected = sum(trace.rates) * trace.width
    if not expected <= MOST_JOBS:
        raise ValueError(
            f"{trace.name} has some {expected:,.0f} jobs at this load; at most {MOST_JOBS:,} are simulated"
        )
    rng = random.Random(seed)
    arrivals = array("d")
    for start, end, low, high in _pieces(trace):
        _poisson(arrivals, rng, (start, end), (low, high))
    sigma = math.sqrt(math.log(1 + cv * cv))
    mu = math.log(mean_service) - sigma * sigma / 2
    gauss, exp = rng.gauss, math.exp
    if cv > 0:
        services = array("d", (exp(gauss(mu, sigma)) for _ in arrivals))
    else:
        services = array("d", [mean_service]) * len(arrivals)
    return Workload(arrivals, services, trace.seconds, mean_service, trace.scheduled, trace.start)


def _pieces(trace: Trace) -> list[tuple[float, float, float, float]]:
    """(start, end, rate at the start, rate at the end): flat buckets, or lines between the middles."""
    width, rates = trace.width, trace.rates
    if not trace.smooth:
        return [(index * width, (index + 1) * width, rate, rate) for index, rate in enumerate(rates)]
    middles = [((index + 0.5) * width, rate) for index, rate in enumerate(rates)]
    points = [(0.0, rates[0]), *middles, (trace.seconds, rates[-1])]
    return [(a, b, low, high) for (a, low), (b, high) in pairwise(points)]


def _poisson(into: array[float], rng: random.Random, span: tuple[float, float], rates: tuple[float, float]) -> None:
    """Adds the arrivals of a span, thinned from the higher of its two rates."""
    (now, end), (low, high) = span, rates
    start, most = now, max(rates)
    if most <= 0:
        return
    slope = (high - low) / (end - start)
    while (now := now + rng.expovariate(most)) < end:
        if low == high or rng.random() * most < low + slope * (now - start):
            into.append(now)
