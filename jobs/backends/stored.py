"""A task as its job's payload, and back: found by its path, rebuilt without asking today's settings."""

from __future__ import annotations

import dataclasses
import sys
from datetime import datetime
from typing import Any, Final

import msgspec
from django.apps import apps
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from .compat import InvalidTask, Task, TaskResult

TYPE: Final = "django-task"
ASYNC_TYPE: Final = "django-task-async"  # of coroutine functions, which run on the worker's event loop


class StoredTask(msgspec.Struct, frozen=True):
    """The payload of a task's job. What its queue, its time and its outcome are is in the job itself.

    path: dotted, of the Task. backend: its alias in TASKS. priority: the Task's own number, of which the job's is the
    sign. run_after: RFC 3339, with an offset.
    """

    path: str
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    backend: str = "default"
    priority: int = 0
    run_after: str | None = None

    def task(self, queue: str) -> Task[..., Any]:
        """The Task as it was enqueued. One that is gone has a function that raises ImportError."""
        try:
            known = find(self.path)
        except (ImportError, InvalidTask) as error:
            known = _missing(self.path, error)
        return _with(
            known,
            priority=self.priority,
            queue_name=queue,
            backend=self.backend,
            run_after=None if self.run_after is None else _as_set(datetime.fromisoformat(self.run_after)),
        )


def payload_of(result: TaskResult[..., Any]) -> dict[str, Any]:
    """The payload for a result that `enqueue` makes; its arguments are plain JSON already."""
    task = result.task
    return {
        "path": task.module_path,
        "args": result.args,
        "kwargs": result.kwargs,
        "backend": result.backend,
        "priority": int(task.priority),
        "run_after": None if task.run_after is None else aware(task.run_after).isoformat(),
    }


def find(path: str) -> Task[..., Any]:
    """The Task at a dotted path in a module that is loaded, or belongs to an installed app.

    Raises ImportError, and InvalidTask for anything else that is there: a job must not make a worker run what stands in
    any other module.
    """
    module = path.rpartition(".")[0]
    if module and module not in sys.modules and not any(is_part_of(module, app.name) for app in apps.get_app_configs()):
        raise ImportError(f"{module} is not loaded, and in no installed app")
    found = import_string(path)
    if not isinstance(found, Task):
        raise InvalidTask(f"{path} is no Task, but {type(found).__name__}")
    return found


def is_part_of(module: str, package: str) -> bool:
    """True for the package and what is in it."""
    return module == package or module.startswith(f"{package}.")


def check_findable(task: Task[..., Any]) -> None:
    """Raise InvalidTask unless a worker will find the task at its path."""
    path = task.module_path
    try:
        found = find(path)
    except ImportError as error:
        raise InvalidTask(f"{path} cannot be imported: {error}") from error
    if found.func is not task.func:
        raise InvalidTask(f"another Task has the path {path}")
    if path.startswith("__main__."):
        raise InvalidTask(f"{path} is in the program that runs here: a worker cannot import it")


def aware(moment: datetime) -> datetime:
    """The moment with an offset; a naive one is in the current time zone."""
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _as_set(moment: datetime) -> datetime:
    """Naive where the installation's moments are."""
    return moment if settings.USE_TZ else timezone.make_naive(moment)


def _with(task: Task[..., Any], **changes: Any) -> Task[..., Any]:
    """A copy that is not validated: its queue, or its whole backend, may have left the settings since."""
    made = object.__new__(type(task))
    for field in dataclasses.fields(task):
        object.__setattr__(made, field.name, changes.get(field.name, getattr(task, field.name)))
    return made


def _missing(path: str, error: Exception) -> Task[..., Any]:
    def gone(*args: Any, **kwargs: Any) -> None:
        raise ImportError(f"there is no Task {path} here: {error}") from error

    gone.__module__, _, gone.__qualname__ = path.rpartition(".")
    gone.__name__ = gone.__qualname__
    made = object.__new__(Task)
    for field in dataclasses.fields(Task):
        object.__setattr__(made, field.name, None if field.default is dataclasses.MISSING else field.default)
    object.__setattr__(made, "func", gone)
    return made
