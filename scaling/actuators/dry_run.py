"""Carries nothing out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from jobs.store.registry import Seen


class DryRun:
    """Decisions are recorded, and that is all."""

    name: ClassVar[str] = "none"
    obeys_within = 30.0
    flaw = ""

    def __init__(self, unit: int = 1) -> None:
        self.unit = unit

    def bar(self, now: float) -> None:
        """Nothing stands against doing nothing."""

    def desired(self, workers: int) -> None:
        """The count stays as it is."""

    def follow(self, desired: int, alive: Sequence[Seen]) -> None:
        """Nothing."""
