"""What a project has that takes its tasks to QueueFlow: a task, its backend, and something that is saved."""

import os
from types import SimpleNamespace

from django.db import transaction

import jobs.conf
from jobs import handler
from jobs.backends.compat import task, task_backends

backend = task_backends["default"]
INSTALLED_APPS: list[str] = []


@task
def send_invoice(order: int) -> int:
    """Nothing but what it is asked for."""
    return order


@handler("send-invoice")
def _send_invoice(payload: dict[str, int]) -> int:
    """The same as a job of a handler."""
    return payload["order"]


order = SimpleNamespace(pk=7, save=lambda: None)
__all__ = ["INSTALLED_APPS", "backend", "jobs", "order", "os", "send_invoice", "transaction"]
