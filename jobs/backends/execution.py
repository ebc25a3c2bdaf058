"""The handlers that run tasks in workers, and the two signals that are sent there.

Receivers are called robustly: one that fails is logged by Django and changes nothing about the task.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from django.dispatch import Signal

from jobs.errors import QueueFlowError
from jobs.handlers.context import JobContext
from jobs.store.store import get_store
from jobs.types import Execution

from .compat import task_finished, task_started
from .stored import StoredTask

if TYPE_CHECKING:
    from .run import Run


def run_task(payload: StoredTask, job: JobContext) -> object:
    """Run a task in the calling thread; return what it returned, as plain JSON."""
    run = _begin(payload, job, _history(job))
    try:
        task_started.send_robust(run.sender, task_result=run.result)
        value = run.checked(run.task.call(*run.arguments, **run.result.kwargs))
    except BaseException as error:
        if run.fail(error):
            task_finished.send_robust(run.sender, task_result=run.result)
        raise
    run.succeed(value)
    task_finished.send_robust(run.sender, task_result=run.result)
    return value


async def run_async_task(payload: StoredTask, job: JobContext) -> object:
    """Run a task on the event loop."""
    run = _begin(payload, job, await asyncio.to_thread(_history, job) if job.execution > 1 else [])
    try:
        await _tell(task_started, run)
        value = run.checked(await run.task.acall(*run.arguments, **run.result.kwargs))
    except BaseException as error:
        if run.fail(error):
            await _tell(task_finished, run)
        raise
    run.succeed(value)
    await _tell(task_finished, run)
    return value


async def _tell(signal: Signal, run: Run) -> None:
    """Send a signal from the loop, in Django's thread for that, which sees the exception that is being handled here.

    `asend_robust` makes asyncio tasks for it, and those see none.
    """
    error = sys.exception()
    trace = error.__traceback__ if error else None
    await sync_to_async(signal.send_robust)(run.sender, task_result=run.result)
    if error:
        error.__traceback__ = trace  # without the way through that thread, where it was raised again


def _begin(payload: StoredTask, job: JobContext, history: list[Execution]) -> Run:
    from .run import Run  # whoever only enqueues does without the worker's modules

    return Run(payload, job, history)


def _history(job: JobContext) -> list[Execution]:
    """The job's earlier executions; none where the store cannot be asked."""
    if job.execution == 1:
        return []
    try:
        return get_store().reader.job(job.id).history
    except QueueFlowError:
        return []
