"""What a web process asks of the process that simulates, and what that one says meanwhile."""

from __future__ import annotations

import msgspec

from scaling.ml.model import Model
from scaling.simulator.conditions import Conditions
from scaling.simulator.trace import Trace


class Wanted(msgspec.Struct, frozen=True):
    """The first line of its standard input. What follows is never anything but the end of who asked."""

    trace: Trace
    strategies: tuple[str, ...]
    conditions: Conditions
    model: Model | None = None


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of its standard output: how far it is (0 to 1), and at the end the result, or why there is none."""

    progress: float = 0.0
    result: msgspec.Raw = msgspec.Raw()
    failed: str = ""
