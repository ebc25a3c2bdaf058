"""The store's time as this web process knows it: pages reckon with it, whatever the clock of their host is set to."""

from __future__ import annotations

import time


class _Known:
    """How far the store's clock (ms) is ahead of this process's monotonic one; None before the first look."""

    ahead_ms: float | None = None


def learn(now_ms: int) -> None:
    """The store has just said what time it is."""
    _Known.ahead_ms = now_ms - time.monotonic() * 1000


def now_ms() -> int:
    """The store's time now; before anybody has looked at the store, that of this host."""
    if _Known.ahead_ms is None:
        return time.time_ns() // 1_000_000
    return int(time.monotonic() * 1000 + _Known.ahead_ms)


def forget() -> None:
    """Know nothing, as a new process does."""
    _Known.ahead_ms = None
