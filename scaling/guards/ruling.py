"""What a guard makes of a number of workers."""

from __future__ import annotations

import msgspec


class Ruling(msgspec.Struct, frozen=True):
    """The number of workers that `guard` allows instead, and why, in a sentence."""

    workers: int
    guard: str
    reason: str
