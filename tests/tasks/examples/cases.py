"""What the texts around the examples say, checked. Each function is one example; they run in this order."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django import VERSION
from django.db import transaction
from django.utils import timezone

from tests.support.polling import wait_until

from . import mailing
from .framework import InvalidTask, Task, TaskResultStatus, default_task_backend, task, task_backends, task_enqueued
from .models import Thing
from .tasks import (
    calculate_meaning_of_life,
    calculate_meaning_of_life_in_context,
    double_dictionary,
    email_users,
    fail,
    my_coroutine,
    my_task,
    process_data,
)

MAIL: dict[str, Any] = {"emails": ["user@example.com"], "subject": "You have a message", "message": "Hello there!"}


def finished(result: Any) -> Any:
    """Refresh it until its task has finished."""

    def is_finished() -> Any:
        result.refresh()
        return result.is_finished

    wait_until(is_finished)
    return result


def raises(kind: type[Exception], act: Any) -> bool:
    """Whether it raises that."""
    try:
        act()
    except kind:
        return True
    return False


def sent() -> list[str]:
    """All mails that were sent so far, with the lines of which each is made."""
    folder = Path(os.environ["QUEUEFLOW_VAR_DIR"], "mails")
    return [file.read_text() for file in folder.iterdir()] if folder.exists() else []


def defining() -> None:
    """The decorator gives a Task, with the settings that it is given."""
    assert isinstance(email_users, Task)
    assert (email_users.priority, email_users.queue_name, email_users.backend) == (0, "default", "default")
    assert (mailing.email_users.priority, mailing.email_users.queue_name) == (2, "emails")


def modifying() -> None:
    """`using` makes another Task and leaves the first as it is."""
    assert email_users.using(priority=10).priority == 10
    assert email_users.priority == 0


def enqueueing() -> None:
    """A worker runs it, and what it returns can be read."""
    before = len(sent())
    result = email_users.enqueue(**MAIL)
    assert result.status == TaskResultStatus.READY
    assert finished(result).return_value == 1
    assert len(sent()) == before + 1
    assert "Hello there!" in sent()[-1]


def queue_and_priority() -> None:
    """The same with a queue and a priority of its own."""
    assert finished(mailing.email_users.enqueue(**MAIL)).return_value == 1
    assert finished(email_users.using(queue_name="special", priority=-10).enqueue(**MAIL)).task.priority == -10
    assert raises(InvalidTask, lambda: email_users.using(queue_name="unknown"))


def context() -> None:
    """A task can take its context."""
    assert finished(mailing.email_users_in_context.enqueue(**MAIL)).return_value == 1
    assert finished(calculate_meaning_of_life_in_context.enqueue()).return_value == 42


def deferring() -> None:
    """`run_after` puts the start off."""
    due = timezone.now() + timedelta(seconds=0.5)
    result = finished(calculate_meaning_of_life.using(run_after=due).enqueue())
    assert result.started_at >= due


def arguments() -> None:
    """Arguments are JSON, and what is not is refused at once."""
    assert raises(TypeError, lambda: process_data.enqueue(datetime.now(timezone.get_current_timezone())))


def round_trip() -> None:
    """A tuple arrives as a list, which is no key."""
    result = finished(double_dictionary.enqueue((1, 2, 3)))
    assert result.status == TaskResultStatus.FAILED
    assert result.errors[0].exception_class is TypeError
    assert "unhashable type: 'list'" in result.errors[0].traceback
    assert finished(double_dictionary.enqueue("ab")).return_value == {"ab": "abab"}


def transactions() -> None:
    """Bound to the commit, a task finds what the transaction made."""
    results: list[Any] = []
    with transaction.atomic():
        Thing.objects.create(num=1)
        transaction.on_commit(lambda: results.append(my_task.enqueue(thing_num=1)))
        transaction.on_commit(partial(my_task.enqueue, thing_num=1))
    assert finished(results[0]).return_value == "thing 1"


def asynchronously() -> None:
    """The same from asynchronous code, and with a coroutine function."""

    async def run() -> None:
        await Thing.objects.acreate(num=2)
        result: Any = await my_coroutine.aenqueue(thing_num=2)
        while not result.is_finished:
            await result.arefresh()
        there: Any = await my_coroutine.aget_result(result.id)
        assert there.return_value == "thing 2"
        assert (await default_task_backend.aget_result(result.id)).return_value == "thing 2"

    asyncio.run(asyncio.wait_for(run(), 15))


def results() -> None:
    """A result can be got by its id, from its Task or from the backend."""
    result_id = calculate_meaning_of_life.enqueue().id
    assert isinstance(result_id, str)
    assert len(result_id) <= 64
    result = finished(calculate_meaning_of_life.get_result(result_id))
    assert result.status == TaskResultStatus.SUCCESSFUL
    assert result.return_value == 42
    assert result.attempts == 1
    assert default_task_backend.get_result(result_id).return_value == 42
    assert task_backends["reserve"].get_result(result_id).return_value == 42


def updating() -> None:
    """A result is what it was until it is refreshed."""
    result = calculate_meaning_of_life.enqueue()
    assert raises(ValueError, lambda: result.return_value)
    other = finished(calculate_meaning_of_life.get_result(result.id))
    assert (result.status, other.status) == (TaskResultStatus.READY, TaskResultStatus.SUCCESSFUL)
    result.refresh()
    assert (result.status, result.return_value) == (TaskResultStatus.SUCCESSFUL, 42)


def errors() -> None:
    """An exception's class and traceback are kept."""
    result = finished(fail.enqueue())
    assert result.errors[0].exception_class is ValueError
    assert isinstance(result.errors[0].traceback, str)
    assert raises(ValueError, lambda: result.return_value)


def signals() -> None:
    """Whoever listens hears of an enqueue, with the backend's class as the sender."""
    heard: list[Any] = []

    def receive(sender: Any, task_result: Any, **kwargs: Any) -> None:
        heard.append((sender, task_result.id))

    task_enqueued.connect(receive)
    result = calculate_meaning_of_life.enqueue()
    task_enqueued.disconnect(receive)
    assert heard == [(type(task_backends["default"]), result.id)]


def introspection() -> None:
    """A backend says what it can do."""
    backend = default_task_backend
    assert backend.supports_defer
    assert backend.supports_async_task
    assert backend.supports_get_result
    assert backend.supports_priority


def custom_tasks() -> None:
    """A backend's own class of tasks takes further arguments of the decorator."""
    if (6, 0) <= VERSION < (6, 1):
        return  # its decorator does not pass them on
    decorate: Any = task(foo=5, bar=600, backend="custom")  # type: ignore[call-overload]
    made = decorate(calculate_meaning_of_life.func)
    assert (made.foo, made.bar) == (5, 600)
    assert (made.using(priority=3).foo, made.priority) == (5, 0)


CASES = (
    defining, modifying, enqueueing, queue_and_priority, context, deferring, arguments, round_trip, transactions,
    asynchronously, results, updating, errors, signals, introspection, custom_tasks,
)  # fmt: skip
