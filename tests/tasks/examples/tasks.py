"""Tasks of the examples."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.mail import send_mail

from .framework import TaskContext, task
from .models import Thing


@task
def email_users(emails: list[str], subject: str, message: str) -> int:
    """Sends mail."""
    return send_mail(subject=subject, message=message, from_email=None, recipient_list=emails)


@task()
def double_dictionary(key: Any) -> dict[Any, Any]:
    """Needs an argument that can be a key."""
    return {key: key * 2}


@task
def process_data(moment: datetime) -> None:
    """Takes what is no JSON."""


@task
def my_task(thing_num: int) -> str:
    """Needs a row that the transaction around its enqueue makes."""
    return str(Thing.objects.get(num=thing_num))


@task
async def my_coroutine(thing_num: int) -> str:
    """The same, asynchronous."""
    return str(await Thing.objects.aget(num=thing_num))


@task
def fail() -> None:
    """Raises."""
    raise ValueError("no")


@task()
def calculate_meaning_of_life() -> int:
    """Returns it."""
    return 42


@task(takes_context=True)
def calculate_meaning_of_life_in_context(context: TaskContext[..., Any]) -> int:
    """Returns it; the context has the attempt and the result."""
    assert context.attempt == context.task_result.attempts == 1
    return 42
