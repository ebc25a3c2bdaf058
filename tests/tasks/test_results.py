"""Results that are asked for: of other tasks, of nobody, after settings or code have changed."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from django.test import override_settings

from jobs.backends.compat import TaskResultDoesNotExist, TaskResultMismatch, TaskResultStatus, task_backends
from jobs.backends.results import result_of
from jobs.errors import StoreUnavailable
from jobs.manager import QueueManager
from jobs.states import State
from jobs.store.reader import StoredJob
from jobs.types import Envelope, Execution, JobRecord, Priority
from tests.engine.stage import Stage
from tests.support.polling import wait_until
from tests.tasks.configured import BACKEND, TASKS
from tests.tasks.conftest import finished

pytestmark = pytest.mark.usefixtures("pool")


@pytest.mark.parametrize("result_id", ["nobody", "", "ü", uuid4()])
def test_a_result_that_nobody_has_does_not_exist(tasks: Any, result_id: Any) -> None:
    with pytest.raises(TaskResultDoesNotExist):
        tasks.add.get_result(result_id)
    with pytest.raises(TaskResultDoesNotExist):
        asyncio.run(task_backends["default"].aget_result(result_id))


def test_a_job_that_is_no_task_is_no_result(tasks: Any, stage: Stage) -> None:
    with pytest.raises(TaskResultDoesNotExist):
        task_backends["default"].get_result(stage.enqueue("echo"))
    broken = stage.enqueue("django-task", {"no": "path"}, queue="unserved")
    with pytest.raises(TaskResultDoesNotExist):
        task_backends["default"].get_result(broken)


def test_the_result_of_another_task_does_not_match(tasks: Any) -> None:
    result = tasks.add.enqueue(1, 2)
    with pytest.raises(TaskResultMismatch):
        tasks.refuse.get_result(result.id)
    with pytest.raises(TaskResultMismatch):
        asyncio.run(tasks.refuse.aget_result(result.id))
    assert tasks.add.get_result(result.id).id == result.id


def test_a_result_can_be_read_after_its_queue_was_removed_from_the_settings(tasks: Any) -> None:
    result = tasks.add_at_leisure.using(priority=9).enqueue(1, 2)
    with override_settings(TASKS={"default": {"BACKEND": BACKEND, "QUEUES": ["default"]}}):
        result.refresh()
        there = task_backends["default"].get_result(result.id)
        assert (there.task.queue_name, there.task.priority) == ("mail", 9)
        assert there.task.func is tasks.add_at_leisure.func


def test_a_result_can_be_read_after_its_backend_was_removed_from_the_settings(tasks: Any) -> None:
    with override_settings(TASKS={**TASKS, "gone": {"BACKEND": BACKEND}}):
        result = tasks.add.using(backend="gone").enqueue(1, 2)
    there = task_backends["default"].get_result(result.id)
    assert (there.backend, there.task.backend) == ("gone", "gone")


def test_a_worker_runs_tasks_of_a_queue_and_of_a_backend_that_its_settings_do_not_have(
    tasks: Any, signals: Any
) -> None:
    more = {**TASKS, "gone": {"BACKEND": "tests.tasks.subclass.Subclass", "QUEUES": ["mail"]}}
    with override_settings(TASKS=more):
        result = finished(tasks.add.using(backend="gone", queue_name="mail").enqueue(1, 2))
    assert result.return_value == 3
    assert {line["sender"] for line in signals(result.id)} == {"jobs.backends.backend.QueueFlowBackend"}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("tests.tasks.tasks.gone", "does not define a"),
        ("tests.tasks.nowhere.gone", "No module named"),
        ("os.system", "is no Task"),
        ("antigravity.fly", "is not loaded, and in no installed app"),
        ("gone", "doesn't look like a module path"),
    ],
)
def test_a_task_that_is_gone_fails_with_import_error_and_its_result_can_be_read(
    tasks: Any, stage: Stage, signals: Any, path: str, reason: str
) -> None:
    made = QueueManager(stage.store).enqueue("django-task", {"path": path, "args": ["true"]})
    stage.settled(made.id)
    result = task_backends["default"].get_result(made.id)
    assert (result.status, result.args) == (TaskResultStatus.FAILED, ["true"])
    assert result.task.module_path.endswith(path)
    assert result.errors[0].exception_class is ImportError
    assert reason in result.errors[0].traceback
    assert [line["signal"] for line in signals(made.id)] == ["started", "finished"]


def test_a_result_that_is_not_kept_does_not_exist_once_the_task_has_finished(tasks: Any, signals: Any) -> None:
    result = tasks.add.using(backend="forgetful").enqueue(1, 2)

    def is_gone() -> bool:
        try:
            result.refresh()
        except TaskResultDoesNotExist:
            return True
        return False

    wait_until(is_gone)
    assert [line["returned"] for line in signals(result.id)] == [None, 3]


def test_attempts_that_the_history_has_forgotten_are_counted_under_no_name(tasks: Any) -> None:
    record = JobRecord(
        State.DEAD, "django-task", "default", Priority.NORMAL, created=1000, position=1, ready=0, attempts=25,
        max_retries=24, executions=26, finished=99_000,
    )  # fmt: skip
    history = [
        Execution(number, number, f"worker-{number}", number * 1000, 5, 7, number * 1000 + 12, "failed", "KeyError")
        for number in range(6, 26)
    ]
    history[3] = Execution(9, 9, "worker-9", 9000, 5, 7, 9012, "released")
    envelope = Envelope(b'{"path": "tests.tasks.tasks.add"}', 1000)
    result = result_of(StoredJob("job", record, envelope, history, None, None, []))
    assert (result.attempts, len(result.errors)) == (25, 19)
    assert result.worker_ids[:7] == ["", "", "", "", "", "", "worker-6"]
    assert result.errors[0].exception_class is KeyError


def test_a_store_that_is_away_is_said_and_not_taken_for_a_missing_result(tasks: Any, stage: Stage) -> None:
    result = tasks.add.enqueue(1, 2)
    finished(result)
    with stage.server.away("kill"):
        with pytest.raises(StoreUnavailable):
            result.refresh()
        with pytest.raises(StoreUnavailable):
            tasks.add.enqueue(1, 2)
