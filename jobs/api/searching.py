"""Bounds how many searches for a text run at once: each one keeps a thread and the interpreter busy."""

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
def searching(text: str) -> Iterator[None]:
    """Hold a place while a text is looked for; nothing for lists without one. Raises Problem 429 when all are taken."""
    if not text:
        yield
        return
    if not _places.acquire(timeout=PATIENCE_SECONDS):
        detail = f"{AT_ONCE} searches run already. Try again in 1 s."
        raise Problem(429, "rate_limited", detail, headers={"Retry-After": "1"})
    try:
        yield
    finally:
        _places.release()
