"""What a strategy answers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

NOTHING: Final[Mapping[str, float]] = MappingProxyType({})


class Proposal(msgspec.Struct, frozen=True):
    """How many workers there should be (`workers` that claim or will soon), and why, in one sentence for people.

    `confidence` is 0 to 1. `memory` comes back with the next call: what a strategy has learned, as plain numbers, so
    that it stays a pure function and a scaler that takes over goes on where the last one was. `is_step`: `workers` is
    no need but one step towards fewer, which no tolerance takes for too little, and which in Kubernetes is a pod.
    """

    workers: int
    reason: str
    confidence: float = 1.0
    memory: Mapping[str, float] = NOTHING
    is_step: bool = False
