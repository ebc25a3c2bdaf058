"""Carries nothing out."""

from __future__ import annotations

from typing import ClassVar


class DryRun:
    """Decisions are recorded, and that is all."""

    name: ClassVar[str] = "dry_run"

    def desired(self, workers: int) -> None:
        """The count stays as it is."""

    def act(self, pool: str, workers: int) -> None:
        """Nothing."""
