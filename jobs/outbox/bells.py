"""Wakes the forwarders of this process when an entry has come."""

from __future__ import annotations

import threading
from weakref import WeakSet

bells: WeakSet[threading.Event] = WeakSet()


def ring() -> None:
    """Wake them."""
    for bell in list(bells):
        bell.set()
