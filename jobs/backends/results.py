"""What a job's record says, in the words of the tasks framework."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from django.conf import settings
from django.utils import timezone

from jobs import errors as our_errors
from jobs import payload as payloads
from jobs.clock import to_datetime
from jobs.errors import InvalidJob
from jobs.states import State
from jobs.store.reader import StoredJob
from jobs.types import Execution, JobRecord

from .cancelled import TaskCancelled
from .compat import TaskError, TaskResult, TaskResultDoesNotExist, TaskResultStatus
from .stored import ASYNC_TYPE, TYPE, StoredTask

_STATUS: Final = {
    State.ACTIVE: TaskResultStatus.RUNNING,
    State.COMPLETED: TaskResultStatus.SUCCESSFUL,
    State.DEAD: TaskResultStatus.FAILED,
    State.CANCELLED: TaskResultStatus.FAILED,
}
_UNSPENT: Final = frozenset({"released", "snoozed"})


def result_of(job: StoredJob) -> TaskResult[..., Any]:
    """The result of a task from its job. Raises TaskResultDoesNotExist for a job that is none, or cannot be read."""
    record, stored = job.record, _stored_task(job)
    if record is None or stored is None:
        raise TaskResultDoesNotExist(job.id)
    runs = spent(job.history)
    starts = [run.claimed + run.started for run in runs] + _current_start(record)
    result = TaskResult(
        task=stored.task(record.queue),
        id=job.id,
        status=_STATUS.get(record.state, TaskResultStatus.READY),
        enqueued_at=moment(record.created),
        started_at=moment(starts[0]) if starts else None,
        last_attempted_at=moment(starts[-1]) if starts else None,
        finished_at=moment(record.finished) if record.state.is_settled else None,
        args=stored.args,
        kwargs=stored.kwargs,
        backend=stored.backend,
        errors=[*errors_of(runs), *_cancellation(record)],
        worker_ids=padded(workers_of(runs) + ([record.worker] if _is_current(record) else []), record.attempts),
    )
    if record.state is State.COMPLETED and job.result:
        object.__setattr__(result, "_return_value", payloads.decode(job.result))
    return result


def spent(history: list[Execution]) -> list[Execution]:
    """The executions that count as attempts, oldest first."""
    return [run for run in history if run.outcome not in _UNSPENT]


def workers_of(runs: list[Execution]) -> list[str]:
    """Who ran them."""
    return [run.worker for run in runs]


def padded(workers: list[str], attempts: int) -> list[str]:
    """The workers with an empty name for each attempt that the history has forgotten: it keeps twenty executions."""
    return [""] * (attempts - len(workers)) + workers


def errors_of(runs: list[Execution]) -> list[TaskError]:
    """What they raised."""
    return [
        TaskError(
            exception_class_path=run.error_path or _guessed_path(run.error_type),
            traceback=run.traceback or f"{run.error_type}: {run.message}\n",
        )
        for run in runs
        if run.error_type
    ]


def moment(milliseconds: int) -> datetime:
    """An instant of the store as a datetime: aware, or naive in local time where USE_TZ is off."""
    found = to_datetime(milliseconds)
    return found if settings.USE_TZ else timezone.make_naive(found)


def path_of(kind: type) -> str:
    """From where a class can be imported."""
    return f"{kind.__module__}.{kind.__qualname__}"


def _stored_task(job: StoredJob) -> StoredTask | None:
    if job.record is None or job.envelope is None or job.record.type not in (TYPE, ASYNC_TYPE):
        return None
    try:
        return msgspec.convert(payloads.decode(job.envelope.payload), StoredTask)
    except (InvalidJob, msgspec.ValidationError):
        return None


def _is_current(record: JobRecord) -> bool:
    """Whether the record itself tells of an execution that no history holds."""
    return record.state in (State.ACTIVE, State.COMPLETED)


def _current_start(record: JobRecord) -> list[int]:
    return [record.claimed + (record.started if record.state is State.COMPLETED else 0)] if _is_current(record) else []


def _cancellation(record: JobRecord) -> list[TaskError]:
    if record.state is not State.CANCELLED:
        return []
    path = f"jobs.backends.{TaskCancelled.__qualname__}"
    return [TaskError(exception_class_path=path, traceback=f"{path}: {record.error}\n")]


def _guessed_path(name: str) -> str:
    """For an execution of a time when only the class's name was kept."""
    return f"{'jobs.errors' if hasattr(our_errors, name) else 'builtins'}.{name}"
