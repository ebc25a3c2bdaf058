"""Bounds how many searches run at once: each one keeps a thread and the interpreter busy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from .problems import Problem

AT_ONCE: Final = 2  # a web process
PATIENCE_SECONDS: Final = 0.25  # a step takes about a third of it
_places = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def searching(is_search: bool) -> Iterator[None]:
    """Hold a place where jobs are looked at one by one, nothing elsewhere. Raises Problem 429 while none is free."""
    if not is_search:
        yield
        return
    if not _places.acquire(timeout=PATIENCE_SECONDS):
        detail = f"{AT_ONCE} searches run already. Try again in 1 s."
        raise Problem(429, "rate_limited", detail, headers={"Retry-After": "1"})
    try:
        yield
    finally:
        _places.release()
