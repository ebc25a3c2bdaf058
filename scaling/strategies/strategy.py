"""What every strategy is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol, runtime_checkable

import msgspec

from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record


class Parameter(msgspec.Struct, frozen=True):
    """A number that a policy may set for a strategy: its first value, its bounds, and help for people."""

    default: float
    minimum: float
    maximum: float
    help: str


@runtime_checkable
class Strategy(Protocol):
    """Decides from what it is given alone. `name` is how policies call it, `title` and `about` are for people."""

    name: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    parameters: ClassVar[Mapping[str, Parameter]]

    def decide(self, observation: Observation, record: Record, policy: Policy) -> Proposal:
        """How many workers there should be now. What guards forbid need not be heeded: they come after it."""
        ...
