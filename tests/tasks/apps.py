"""The app of the tests' tasks."""

from __future__ import annotations

import os

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """In workers, writes down every signal that is sent there."""

    name = "tests.tasks"
    label = "tests_tasks"

    def ready(self) -> None:
        """Listen where a test has said into which file to write."""
        if path := os.environ.get("TASKS_SIGNALS"):
            from .receivers import listen

            listen(path)
