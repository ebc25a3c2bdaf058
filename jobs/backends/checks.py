"""System checks of a backend in TASKS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's word

from jobs import limits
from jobs.errors import InvalidJob

if TYPE_CHECKING:
    from .backend import QueueFlowBackend


def check(backend: QueueFlowBackend) -> Iterator[CheckMessage]:
    """Say what in the settings would keep the backend's tasks from running, or their results from being read."""
    where = f"TASKS[{backend.alias!r}]"
    if not apps.is_installed("jobs"):
        yield Error(
            f"{where} is QueueFlow's backend, and its app is not installed.",
            hint="Add 'jobs' to INSTALLED_APPS: workers find their handlers by it.",
            id="queueflow.E201",
        )
    for queue in sorted(backend.queues, key=str):
        if not is_queue(queue):
            hint = "A queue's name has 1 to 64 of a-z 0-9 _ . -, and is not . or .."
            yield Error(f"{where}: the queue {queue!r} is refused.", hint=hint, id="queueflow.E202")
    for name, problem in backend.problems:
        yield Error(f"{where}: the option {name!r} is refused: {problem}.", id="queueflow.E203")
    if backend.on_commit and not _has_database():
        yield Error(
            f"{where}: enqueue_on_commit needs a database, and DATABASES has none.",
            hint="Configure one, or leave enqueue_on_commit out.",
            id="queueflow.E204",
        )
    if not backend.problems and backend.options.get("retention") is not None and not backend.options["retention"]:
        yield Warning(
            f"{where}: with a retention of 0, get_result finds no task that has finished.", id="queueflow.W201"
        )


def is_queue(name: object) -> bool:
    """Whether the store takes a queue of this name."""
    try:
        limits.queue(name, "queue_name")
    except InvalidJob:
        return False
    return True


def _has_database() -> bool:
    engine = settings.DATABASES.get("default", {}).get("ENGINE") or "django.db.backends.dummy"
    return engine != "django.db.backends.dummy"
