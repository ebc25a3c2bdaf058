"""Tasks of every kind of behaviour."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

from jobs import Discard, Retry, Snooze, current_job
from jobs.backends.compat import TaskContext, task

LOADED_BY = os.getpid()


class Refused(Exception):
    """An error of the project's own."""


@task
def add(left: Any, right: Any) -> Any:
    """Returns what is not None."""
    return left + right


@task
def echo(*args: Any, **kwargs: Any) -> Any:
    """Returns its arguments."""
    return [args, kwargs]


@task(priority=-5, queue_name="mail")
def add_at_leisure(left: int, right: int) -> int:
    """Has settings of its own."""
    return left + right


@task(backend="subclass")
async def add_on_the_loop(left: int, right: int) -> int:
    """Runs as a coroutine."""
    await asyncio.sleep(0)  # job body
    return left + right


@task
def refuse(text: str) -> None:
    """Fails."""
    raise Refused(text)


@task
async def refuse_on_the_loop(text: str) -> None:
    """Fails as a coroutine."""
    await asyncio.sleep(0)  # job body
    raise Refused(text)


@task(backend="retrying", takes_context=True)
def succeed_at(context: TaskContext[..., Any], attempt: int) -> list[Any]:
    """Fails until it is run for the n-th time; returns what it knew then."""
    if context.attempt < attempt:
        raise Refused(f"attempt {context.attempt}")
    result = context.task_result
    return [context.attempt, result.worker_ids, [error.exception_class_path for error in result.errors]]


@task(backend="retrying", takes_context=True)
async def succeed_on_the_loop_at(context: TaskContext[..., Any], attempt: int) -> int:
    """Fails until it is run for the n-th time, as a coroutine."""
    await asyncio.sleep(0)  # job body
    if context.attempt < attempt:
        raise Refused(f"attempt {context.attempt}")
    return context.attempt


@task(takes_context=True)
def tell(context: TaskContext[..., Any]) -> dict[str, Any]:
    """Returns what its context says, and whether its job is at hand."""
    result = context.task_result
    return {
        "id": result.id,
        "status": str(result.status),
        "attempt": context.attempt,
        "priority": result.task.priority,
        "queue": result.task.queue_name,
        "started": result.started_at is not None,
        "job": current_job.id,
        "loaded_before_the_fork": os.getpid() != LOADED_BY,
    }


@task
def wait(path: str) -> None:
    """Says in a file that it runs, and never ends, but listens."""
    Path(path).touch()
    while True:
        time.sleep(0.01)  # job body


@task
async def wait_on_the_loop(path: str) -> None:
    """The same as a coroutine."""
    Path(path).touch()
    await asyncio.sleep(600)  # job body


@task(takes_context=True)
def die(context: TaskContext[..., Any]) -> int:
    """Kills its process at the first attempt."""
    if context.attempt == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return context.attempt


@task(backend="retrying")
def return_an_object(path: str) -> object:
    """Returns what is no JSON; counts its runs in a file."""
    _note(path, "run")
    return object()


@task(backend="retrying")
def return_nan(path: str) -> float:
    """Returns what the framework takes for JSON."""
    _note(path, "run")
    return float("nan")


@task(backend="retrying", takes_context=True)
def steer(context: TaskContext[..., Any], how: str) -> int:
    """Raises what QueueFlow's own handlers raise, the first time."""
    if current_job.execution == 1:
        raise {"discard": Discard("not wanted"), "retry": Retry("later", delay=0.05), "snooze": Snooze(0.05)}[how]
    return context.attempt


@task
def note(path: str, text: str) -> None:
    """Appends a line to a file."""
    _note(path, text)


def _note(path: str, text: str) -> None:
    with Path(path).open("a") as file:
        file.write(text + "\n")


def plain() -> None:
    """No task."""


plain_task = task(plain)
