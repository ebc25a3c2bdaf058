"""Django's tasks on QueueFlow: the backend for `django.tasks`, and for its backport `django-tasks` before Django 6.

    TASKS = {"default": {"BACKEND": "jobs.backends.QueueFlowBackend"}}

Loaded on first use, so that an installation without Django's tasks needs neither.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .backend import QueueFlowBackend
    from .cancelled import TaskCancelled

__all__ = ["QueueFlowBackend", "TaskCancelled"]

_HOMES = {"QueueFlowBackend": "jobs.backends.backend", "TaskCancelled": "jobs.backends.cancelled"}


def __getattr__(name: str) -> Any:
    """Import an exported name from the module that defines it. Raises AttributeError for any other."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
