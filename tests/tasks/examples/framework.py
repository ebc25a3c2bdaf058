"""The framework as a project imports it: from Django, or from the backport before Django 6."""

from typing import TYPE_CHECKING

from django import VERSION

if TYPE_CHECKING or VERSION >= (6, 0):
    from django.tasks import Task, TaskContext, TaskResultStatus, default_task_backend, task, task_backends
    from django.tasks.exceptions import InvalidTask
    from django.tasks.signals import task_enqueued
else:
    from django_tasks import TaskContext, TaskResultStatus, default_task_backend, task, task_backends
    from django_tasks.base import Task
    from django_tasks.exceptions import InvalidTaskError as InvalidTask
    from django_tasks.signals import task_enqueued

__all__ = [
    "InvalidTask", "Task", "TaskContext", "TaskResultStatus", "default_task_backend", "task", "task_backends",
    "task_enqueued",
]  # fmt: skip
