"""Makes the handlers of tasks known to this process, where its settings have our backend."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.conf import settings
from django.utils.module_loading import import_string

from jobs.handlers.decorator import handler
from jobs.handlers.registry import Registry
from jobs.handlers.registry import registry as process_registry
from jobs.types import DEFAULT_QUEUE

COMPANION: Final = "jobs.backends.modules"


def declare_configured() -> None:
    """Declare the handlers if TASKS has our backend, or one made of it. Imports nothing of it otherwise."""
    queues = _queues()
    if queues is not None:
        declare(queues)


def declare(queues: Iterable[str]) -> None:
    """Declare the handlers; workers that are told no queues serve these and those of the settings.

    Backends are made anew for each thread and asynchronous context: a repeat costs nothing.
    """
    from .execution import run_async_task, run_task
    from .stored import ASYNC_TYPE, TYPE

    known = process_registry.get(ASYNC_TYPE)
    if known is not None and known.queues and not set(queues).difference(known.queues):
        return
    served = tuple(sorted({*queues, *(_queues() or ())}))
    made = Registry()
    handler(TYPE, max_retries=0, registry=made)(run_task)
    handler(ASYNC_TYPE, max_retries=0, registry=made)(run_async_task)
    for each in made:
        process_registry.add(dataclasses.replace(each, queues=served, companion=COMPANION))


def _queues() -> set[str] | None:
    """The names in QUEUES of our backends in TASKS; None where there is no such backend."""
    tasks = getattr(settings, "TASKS", None)
    ours = [params for params in _values(tasks) if _is_ours(params.get("BACKEND"))]
    return {name for params in ours for name in params.get("QUEUES", [DEFAULT_QUEUE])} if ours else None


def _values(tasks: object) -> list[Mapping[str, Any]]:
    return [params for params in tasks.values() if isinstance(params, Mapping)] if isinstance(tasks, Mapping) else []


def _is_ours(path: object) -> bool:
    """Whether a dotted path is our backend or a subclass. What cannot be imported, Django's checks tell."""
    try:
        found = import_string(path) if isinstance(path, str) else None
    except ImportError:
        return False
    module = sys.modules.get("jobs.backends.backend")  # it is there if anything was made of it
    return module is not None and isinstance(found, type) and issubclass(found, module.QueueFlowBackend)
