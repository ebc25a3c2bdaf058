"""Pools of our own: their supervisors follow the desired count in the store, and share it fairly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from jobs.store.registry import Seen


class LocalPool:
    """Supervisors look every second. They let idle workers go first, and drain the others."""

    name: ClassVar[str] = "local"
    unit = 1
    obeys_within = 30.0
    flaw = ""

    def bar(self, now: float) -> None:
        """Nothing: the store answers, or no decision is made at all."""

    def desired(self, workers: int) -> int:
        """As many as were decided."""
        return workers

    def follow(self, desired: int, alive: Sequence[Seen]) -> None:
        """Nothing: who has to know reads it in the store."""
