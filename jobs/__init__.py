"""The engine: durable jobs from enqueue to completion.

What handlers and callers need is importable from here, and loaded on first use, so that importing a part of the
engine brings neither Django's models nor a connection with it:

    from jobs import handler, current_job, Job, QueueManager, Retry, Snooze, Discard, breaker
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .circuit import breaker
    from .errors import Discard, Retry, Snooze
    from .handlers import Job, current_job, handler
    from .manager import QueueManager
    from .on_commit import enqueue_on_commit

__all__ = [
    "Discard",
    "Job",
    "QueueManager",
    "Retry",
    "Snooze",
    "breaker",
    "current_job",
    "enqueue_on_commit",
    "handler",
]

_HOMES = {
    "Discard": "jobs.errors",
    "Job": "jobs.handlers",
    "QueueManager": "jobs.manager",
    "Retry": "jobs.errors",
    "Snooze": "jobs.errors",
    "breaker": "jobs.circuit",
    "current_job": "jobs.handlers",
    "enqueue_on_commit": "jobs.on_commit",
    "handler": "jobs.handlers",
}


def __getattr__(name: str) -> Any:
    """Import an exported name from the module that defines it. Raises AttributeError for any other."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
