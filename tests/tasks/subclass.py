"""A backend that a project made of ours."""

from __future__ import annotations

from jobs.backends import QueueFlowBackend


class Subclass(QueueFlowBackend):
    """Is what signals name as their sender."""
