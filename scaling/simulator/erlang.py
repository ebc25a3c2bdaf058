"""Waiting in an M/M/n queue, in theory."""

from __future__ import annotations

import math


def waits(load: float, servers: int) -> float:
    """Erlang C: the chance that a job waits, with `load` = arrival rate * mean service time and exponential services.

    Computed through Erlang B's recursion, which cannot overflow. 1 when the servers are too few for the load.
    """
    if load >= servers:
        return 1.0
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def waits_over(load: float, servers: int, seconds: float, service: float) -> float:
    """The chance that a job waits more than so many seconds: C * exp(-(n - a) * T / S)."""
    return waits(load, servers) * math.exp(-max(servers - load, 0.0) * seconds / service)
