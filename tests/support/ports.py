"""Ports for servers of tests, which keep them while they are down."""

from __future__ import annotations

import itertools
import os
from typing import Final

from jobs.server.address import free_port

# Below those that the system gives to connections: one of them would have a port while its server restarts.
_FIRST: Final = 20_000
_COUNT: Final = 12_000
_steps = itertools.count(os.getpid() * 3989)  # processes of one round begin at places of their own


def server_port() -> int:
    """A port that is free, and that this process has not named before in its last 12,000."""
    while True:
        port = _FIRST + next(_steps) % _COUNT
        if free_port(port) == port:
            return port
