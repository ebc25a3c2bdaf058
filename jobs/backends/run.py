"""One execution of a task: its TaskResult from the start to the end, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from django.utils import timezone

from jobs import payload as payloads
from jobs.errors import Discard, JobTimeout, ResultNotSerializable, Snooze
from jobs.fingerprint import failure_of
from jobs.handlers.context import JobContext
from jobs.interrupts import CancelRequested, TimeLimitReached
from jobs.types import Execution
from jobs.worker.held import Stop
from jobs.worker.runner import RESULT_BYTES
from jobs.worker.verdicts import BadResult

from .cancelled import TaskCancelled
from .compat import TaskContext, TaskError, TaskResult, TaskResultStatus, normalize_json, task_backends
from .results import errors_of, moment, padded, path_of, spent, workers_of
from .stored import StoredTask

_STOPS: Final = {stop.value: stop for stop in Stop}


class Run:
    """What a worker knows of a task while it runs it. `history`: the earlier executions, as far as they are known."""

    def __init__(self, stored: StoredTask, job: JobContext, history: Sequence[Execution]) -> None:
        self._job = job
        self.task = stored.task(job.queue)
        now, runs = timezone.now(), spent(list(history))
        self.result = TaskResult(
            task=self.task,
            id=job.id,
            status=TaskResultStatus.RUNNING,
            enqueued_at=moment(int(job.created_at.timestamp() * 1000)),
            started_at=moment(runs[0].claimed + runs[0].started) if runs else now,
            last_attempted_at=now,
            finished_at=None,
            args=stored.args,
            kwargs=stored.kwargs,
            backend=stored.backend,
            errors=errors_of(runs),
            worker_ids=padded([*workers_of(runs), job.worker], job.attempt),
        )

    @property
    def sender(self) -> type:
        """The class of the backend, for signals; ours where the alias has left the settings."""
        from .backend import QueueFlowBackend

        known = self.result.backend in task_backends.settings
        return type(task_backends[self.result.backend]) if known else QueueFlowBackend

    @property
    def arguments(self) -> list[Any]:
        """The positional arguments of the task's function."""
        context = [TaskContext(task_result=self.result)] if self.task.takes_context else []
        return [*context, *self.result.args]

    def checked(self, returned: object) -> object:
        """What the task returned, as plain JSON. Raises BadResult, which ends the job whatever attempts are left."""
        try:
            value = normalize_json(returned)
            payloads.encode_result(value, RESULT_BYTES)
        except (TypeError, ValueError) as error:
            refusal = ResultNotSerializable(f"the result cannot be written as JSON: {error}")
            refusal.__cause__ = error
            raise BadResult from refusal
        except ResultNotSerializable as error:
            raise BadResult from error
        return value

    def succeed(self, value: object) -> None:
        """The task returned."""
        self._end(TaskResultStatus.SUCCESSFUL)
        object.__setattr__(self.result, "_return_value", value)

    def fail(self, error: BaseException) -> bool:
        """The task raised, or was told to end. True when it will not run again, as far as this worker can tell."""
        stop = _stop_of(error)
        if isinstance(error, Snooze):
            return False
        self.result.errors.append(_error_of(error, stop))
        is_over = isinstance(error, Discard | BadResult) or stop is Stop.CANCEL or self._job.is_last_attempt
        if is_over:
            self._end(TaskResultStatus.FAILED)
        return is_over

    def _end(self, status: TaskResultStatus) -> None:
        object.__setattr__(self.result, "status", status)
        object.__setattr__(self.result, "finished_at", timezone.now())


def _stop_of(error: BaseException) -> Stop | None:
    """Why a task was told to end; None where it ended by itself."""
    if isinstance(error, TimeLimitReached):
        return Stop.TIMEOUT
    if isinstance(error, CancelRequested):
        return Stop.CANCEL
    if isinstance(error, asyncio.CancelledError) and error.args:
        return _STOPS.get(error.args[0])
    return None


def _error_of(error: BaseException, stop: Stop | None) -> TaskError:
    """As `get_result` will give it back."""
    shown = error.__cause__ or error if isinstance(error, BadResult) else error
    failure = failure_of(shown)
    path = failure.error_path
    if stop is Stop.CANCEL or isinstance(error, Discard):
        path = f"jobs.backends.{TaskCancelled.__qualname__}"
    elif stop is Stop.TIMEOUT:
        path = path_of(JobTimeout)
    return TaskError(exception_class_path=path, traceback=failure.traceback)
