"""Wait for something to become true, with a deadline; never for an amount of time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
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


def first_line(path: Path) -> str:
    """Return the first line of a file once it has been written: a file is there before its text is."""

    def read() -> str:
        text = path.read_text() if path.exists() else ""
        return text if "\n" in text else ""

    return wait_until(read).splitlines()[0]
