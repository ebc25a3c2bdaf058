"""The shape of all maintenance: a duty does a bounded piece of work and says when it wants to go on."""

from __future__ import annotations

from abc import ABC, abstractmethod

import msgspec


class Result(msgspec.Struct, frozen=True):
    """What one run did: `done` jobs, and the seconds after which to run `again`; None means after the usual period."""

    done: int = 0
    again: float | None = None


AT_ONCE = 0.0


class Duty(ABC):
    """A background service. One thread owns it."""

    @abstractmethod
    def run_once(self) -> Result:
        """Do a piece of work of half a second or so, however much there is to do.

        Raises StoreError where the store does, and NotLeading when somebody else does this duty by now.
        """

    def leave(self) -> None:
        """Say goodbye, at an orderly end. May raise like `run_once`."""
        return

    def close(self) -> None:
        """Let go of what it holds."""
        return
