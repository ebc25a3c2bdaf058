"""Loading strategies of others, whose modules and constructors may do anything, also take their time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Final

from scaling.errors import LateStrategyError, UnknownStrategyError, told

from .strategy import Strategy

PATIENCE: Final = 2.0
"""Seconds that a strategy which is not ours may take, to be loaded or to answer."""
REST: Final = 30.0
"""Seconds after which one that took longer and failed is tried again."""


class _Load:
    """One try, in a thread of its own: nothing that a module does at its import can be ended from outside."""

    def __init__(self, name: str, make: Callable[[str], Strategy]) -> None:
        self.began = monotonic()
        self.seconds: float | None = None
        self.found: Strategy | None = None
        self.error: UnknownStrategyError | None = None
        self._name, self._make = name, make
        self.thread = threading.Thread(target=self._run, name="scaling-strategy", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.found = self._make(self._name)
        except UnknownStrategyError as error:
            self.error = error
        except BaseException as exc:
            self.error = UnknownStrategyError(self._name, f"it cannot be loaded ({told(exc)})")
        self.seconds = monotonic() - self.began

    def is_to_be_tried_again(self) -> bool:
        """Whether it failed: at once, or so long ago that another try may take as long."""
        slow = self.seconds is None or self.seconds >= PATIENCE
        return self.error is not None and not (slow and monotonic() < self.began + REST)


_lock = threading.Lock()
_loads: dict[str, _Load] = {}  # what is loaded, or is being, or took long and failed


def in_time(name: str, make: Callable[[str], Strategy], *, hurried: bool = True) -> Strategy:
    """What `make` makes of a name, once. Nobody `hurried` waits longer than PATIENCE seconds for that, nor twice.

    Raises UnknownStrategyError; as long as it is not there yet that is a LateStrategyError.
    """
    with _lock:
        load = _loads.get(name)
        if load is None or load.is_to_be_tried_again():
            load = _loads[name] = _Load(name, make)
    load.thread.join(max(0.0, load.began + PATIENCE - monotonic()) if hurried else None)
    if load.found is not None:
        return load.found
    if load.error is None:
        raise LateStrategyError(name, monotonic() - load.began)
    if load.is_to_be_tried_again():
        with _lock:
            if _loads.get(name) is load:
                del _loads[name]
    raise load.error.with_traceback(None)
