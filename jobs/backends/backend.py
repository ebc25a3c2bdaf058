"""The backend itself: tasks become jobs, jobs become results."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from inspect import iscoroutinefunction
from typing import Any, ParamSpec, TypeVar

from django.core.checks import CheckMessage

from jobs import limits
from jobs.errors import JobNotFound, StoreError
from jobs.inspection.accepted import accepted_job, entry_instead
from jobs.manager import QueueManager
from jobs.on_commit import submit_on_commit
from jobs.requests import JobSpec
from jobs.types import Enqueued, Priority

from . import checks, options, stored
from .compat import (
    BaseTaskBackend,
    InvalidTask,
    InvalidTaskBackend,
    Task,
    TaskResult,
    TaskResultDoesNotExist,
    TaskResultStatus,
    task_enqueued,
)
from .declaring import declare
from .results import moment, result_of

MOST_TAG = 64
P = ParamSpec("P")
R = TypeVar("R")


class QueueFlowBackend(BaseTaskBackend):
    """Runs tasks on QueueFlow's workers.

    OPTIONS: max_retries (0 if not given), timeout, retention, backoff (the installation's if not given), durations in
    seconds; enqueue_on_commit (False). Wrong options are reported by `check` and refused when a task is enqueued.
    """

    supports_defer = True
    supports_async_task = True
    supports_get_result = True
    supports_priority = True

    def __init__(self, alias: str, params: dict[str, Any]) -> None:
        super().__init__(alias, params)
        self.problems = options.problems_of(params)
        self.on_commit = not self.problems and options.enqueues_on_commit(params)
        self._manager = QueueManager()
        declare(self.queues)

    def validate_task(self, task: Task[..., Any]) -> None:
        """Raise InvalidTask for what the framework refuses, and for a queue that the store cannot have."""
        super().validate_task(task)
        if not checks.is_queue(task.queue_name):
            raise InvalidTask(f"Queue {task.queue_name!r} is refused: {limits.QUEUE_HINT}")

    def enqueue(self, task: Task[P, R], args: Any, kwargs: Any) -> TaskResult[P, R]:
        """Enqueue a task and return its result, READY.

        Raises InvalidTask, InvalidTaskBackend for refused options, TypeError and ValueError for arguments that are no
        JSON, and what `QueueManager.enqueue` raises: InvalidJob (NaN, too deep), PayloadTooLarge, StoreUnavailable.
        """
        if self.on_commit:
            return self.enqueue_on_commit(task, args, kwargs)
        result, spec = self._prepared(task, args, kwargs)
        self._is_in(result, self._manager.submit(spec))
        task_enqueued.send_robust(type(self), task_result=result)
        return result

    async def aenqueue(self, task: Task[P, R], args: Any, kwargs: Any) -> TaskResult[P, R]:
        """Do what `enqueue` does; the store is asked in a thread of its own."""
        if self.on_commit:  # a transaction lives in the thread that the framework's version goes to
            return await super().aenqueue(task, args, kwargs)
        result, spec = self._prepared(task, args, kwargs)
        self._is_in(result, await asyncio.to_thread(self._manager.submit, spec))
        await task_enqueued.asend_robust(type(self), task_result=result)
        return result

    def enqueue_on_commit(
        self, task: Task[P, R], args: Any, kwargs: Any, *, using: str | None = None, robust: bool = False
    ) -> TaskResult[P, R]:
        """Enqueue a task when the transaction on the database `using` commits, as `jobs.enqueue_on_commit` does.

        The result has its id at once; it can be got from elsewhere, and its `enqueued_at` is set, after the commit.
        """
        result, spec = self._prepared(task, args, kwargs)

        def tell(answer: Enqueued) -> None:
            self._is_in(result, answer)
            task_enqueued.send_robust(type(self), task_result=result)

        submit_on_commit(spec, using=using, robust=robust, manager=self._manager, then=tell)
        return result

    def get_result(self, result_id: str) -> TaskResult[..., Any]:
        """Return the result of a task of any of our backends. Raises TaskResultDoesNotExist, StoreUnavailable."""
        manager, job_id = self._manager, str(result_id)
        try:
            return result_of(manager.store.reader.job(job_id))
        except (JobNotFound, StoreError) as failure:
            entry = entry_instead(manager.config, failure, job_id)
            if entry is not None:
                return result_of(accepted_job(entry))
            if isinstance(failure, StoreError):
                raise
            raise TaskResultDoesNotExist(result_id) from failure

    async def aget_result(self, result_id: str) -> TaskResult[..., Any]:
        """Do what `get_result` does, in a thread of its own."""
        return await asyncio.to_thread(self.get_result, result_id)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Say what is wrong with the settings."""
        return list(checks.check(self))

    def _prepared(self, task: Task[P, R], args: Any, kwargs: Any) -> tuple[TaskResult[P, R], JobSpec]:
        self.validate_task(task)
        if self.problems:
            name, problem = self.problems[0]
            raise InvalidTaskBackend(f"TASKS[{self.alias!r}]: the option {name!r} is refused: {problem}")
        stored.check_findable(task)
        result: TaskResult[P, R] = TaskResult(
            task=task,
            id=self._manager.new_id(),
            status=TaskResultStatus.READY,
            enqueued_at=None,
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=args,
            kwargs=kwargs,
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
        return result, self._spec(result)

    def _spec(self, result: TaskResult[..., Any]) -> JobSpec:
        task = result.task
        return JobSpec(
            type=stored.ASYNC_TYPE if iscoroutinefunction(task.func) else stored.TYPE,
            payload=stored.payload_of(result),
            priority=_priority(task.priority),
            queue=task.queue_name,
            run_at=None if task.run_after is None else _not_before(stored.aware(task.run_after)),
            tags=(task.module_path[-MOST_TAG:],),
            job_id=result.id,
            **options.job_options(self.options),
        )

    def _is_in(self, result: TaskResult[..., Any], answer: Enqueued) -> None:
        object.__setattr__(result, "enqueued_at", moment(answer.created_ms))


def _priority(number: int) -> Priority:
    return Priority.HIGH if number > 0 else Priority.LOW if number < 0 else Priority.NORMAL


def _not_before(time: datetime) -> datetime:
    """The first whole millisecond that is not before it; the store counts in them."""
    return time + timedelta(microseconds=-time.microsecond % 1000)
