"""A backend with a class of tasks of its own, as Django 6.1 and the backport allow."""

from __future__ import annotations

from dataclasses import dataclass

from jobs.backends import QueueFlowBackend

from .framework import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomTask(Task):  # type: ignore[type-arg]
    """Takes more settings."""

    foo: int = 3
    bar: int = 300


class CustomBackend(QueueFlowBackend):
    """Makes such tasks."""

    task_class = CustomTask
