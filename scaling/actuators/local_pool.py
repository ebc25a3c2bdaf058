"""Pools of our own: their supervisors follow the desired count in the store, and share it fairly."""

from __future__ import annotations

from typing import ClassVar


class LocalPool:
    """Supervisors look every second. They let idle workers go first, and drain the others."""

    name: ClassVar[str] = "local"

    def desired(self, workers: int) -> int:
        """As many as were decided."""
        return workers

    def act(self, pool: str, workers: int) -> None:
        """Nothing: who has to know reads it in the store."""
