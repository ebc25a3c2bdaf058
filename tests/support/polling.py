"""Wait for something to become true, with a deadline; never for an amount of time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(check: Callable[[], T], seconds: float = 10.0, *, interval: float = 0.005) -> T:
    """Return the first true value of ``check``. Raises ``AssertionError`` with the last one after ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(f"still {value!r} after {seconds} s: {getattr(check, '__qualname__', check)}")
        time.sleep(interval)
