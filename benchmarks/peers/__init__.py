"""The subjects of the benchmark, one module each, loaded by name inside the subject's own environment."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.peers.base import Peer

OURS = "queueflow"
OTHERS = ("celery", "rq", "dramatiq", "huey", "arq", "saq", "taskiq")
NAMES = (OURS, *OTHERS)


def load(name: str) -> Peer:
    """Return the adapter called ``name``. Raises ``ImportError`` where its distribution is not installed."""
    peer: Peer = import_module(f"benchmarks.peers.{name}").PEER
    return peer
