"""What a web process asks of the process that simulates, and what that one says meanwhile."""

from __future__ import annotations

from typing import Final

import msgspec

from scaling.ml.model import Model
from scaling.policy import Policy
from scaling.simulator.conditions import Conditions
from scaling.simulator.trace import Trace

MEMORY: Final = 1 << 30  # bytes


class Wanted(msgspec.Struct, frozen=True):
    """The first line of its standard input. What follows is never anything but the end of who asked.

    `own` is the policy of the pool itself, which its strategy is replayed with; others have their presets. `memory` is
    how many bytes of data the process may have.
    """

    trace: Trace
    strategies: tuple[str, ...]
    conditions: Conditions
    model: Model | None = None
    own: Policy | None = None
    memory: int = MEMORY

    def policies(self) -> list[str | Policy]:
        """What the trace is replayed against."""
        own = self.own
        return [own if own is not None and name == own.strategy else name for name in self.strategies]


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of its standard output: how far it is (0 to 1), and at the end the result, or why there is none."""

    progress: float = 0.0
    result: msgspec.Raw = msgspec.Raw()
    failed: str = ""
