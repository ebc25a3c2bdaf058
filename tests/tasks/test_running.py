"""Tasks that are enqueued, wait, run, and give results."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from jobs.backends.compat import TaskResultStatus, task_backends
from jobs.types import Priority
from tests.engine.pools import Pool
from tests.engine.stage import Stage
from tests.support.polling import wait_until
from tests.tasks.conftest import finished

pytestmark = pytest.mark.usefixtures("pool")


def test_a_task_runs_in_a_worker_that_was_told_nothing_but_tasks(tasks: Any, pool: Pool) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    result = tasks.add.enqueue(20, right=22)
    assert (result.status, result.args, result.kwargs) == (TaskResultStatus.READY, [20], {"right": 22})
    assert before < result.enqueued_at < datetime.now(UTC) + timedelta(seconds=1)
    assert (result.started_at, result.finished_at, result.attempts) == (None, None, 0)
    finished(result)
    assert (result.status, result.return_value) == (TaskResultStatus.SUCCESSFUL, 42)
    assert result.enqueued_at <= result.started_at == result.last_attempted_at <= result.finished_at
    assert (result.attempts, result.errors) == (1, [])
    assert result.worker_ids[0].split("-")[-2] in {str(process.pid) for process in pool.descendants()}


def test_a_coroutine_function_runs_on_the_event_loop(tasks: Any) -> None:
    async def enqueue_and_wait() -> Any:
        result = await tasks.add_on_the_loop.aenqueue(20, 22)
        while not result.is_finished:
            await result.arefresh()
        return await tasks.add_on_the_loop.aget_result(result.id)

    result = asyncio.run(asyncio.wait_for(enqueue_and_wait(), 15))
    assert (result.status, result.return_value, result.backend) == (TaskResultStatus.SUCCESSFUL, 42, "subclass")


def test_a_task_without_a_return_value_returns_none(tasks: Any, tmp_path: Any) -> None:
    assert finished(tasks.note.enqueue(str(tmp_path / "note"), "x")).return_value is None


@pytest.mark.parametrize("value", [2**70, -1.5, "ü\u2028", [[]], {"a": {"b": None}}, True, []])
def test_arguments_and_results_stay_what_they_are(tasks: Any, value: Any) -> None:
    result = finished(tasks.echo.enqueue(value, named=value))
    assert result.return_value == [[value], {"named": value}]
    assert (result.args, result.kwargs) == ([value], {"named": value})


def test_a_deferred_task_starts_when_it_is_due_and_not_before(tasks: Any, stage: Stage) -> None:
    due = datetime.now(timezone(timedelta(hours=5))) + timedelta(seconds=0.7)
    result = tasks.add.using(run_after=due).enqueue(1, 2)
    assert stage.store.reader.state_counts()["scheduled"] == 1
    finished(result)
    assert due <= result.started_at < due + timedelta(seconds=5)
    assert tasks.add.get_result(result.id).task.run_after == due


def test_a_task_that_was_due_in_the_past_runs_at_once(tasks: Any) -> None:
    assert finished(tasks.add.using(run_after=datetime(2020, 1, 1, tzinfo=UTC)).enqueue(1, 2)).return_value == 3


@pytest.mark.parametrize(
    ("number", "priority"), [(100, Priority.HIGH), (1, Priority.HIGH), (0, Priority.NORMAL), (-100, Priority.LOW)]
)
def test_a_priority_is_one_of_three_and_its_number_is_kept(
    tasks: Any, stage: Stage, number: int, priority: Priority
) -> None:
    result = tasks.add.using(priority=number).enqueue(1, 2)
    [record] = stage.store.reader.records([result.id])
    assert record is not None
    assert record.priority is priority
    assert tasks.add.get_result(result.id).task.priority == number
    finished(result)


def test_a_queue_that_tasks_names_is_served_without_more_setup(tasks: Any, stage: Stage) -> None:
    result = tasks.add_at_leisure.enqueue(1, 2)
    [record] = stage.store.reader.records([result.id])
    assert record is not None
    assert (record.queue, record.priority) == ("mail", Priority.LOW)
    finished(result)
    assert (result.task.queue_name, result.return_value) == ("mail", 3)


def test_the_context_has_the_running_result_and_the_attempt(tasks: Any) -> None:
    result = finished(tasks.tell.using(priority=7, queue_name="mail").enqueue())
    assert result.return_value == {
        "id": result.id, "status": "RUNNING", "attempt": 1, "priority": 7, "queue": "mail", "started": True,
        "job": result.id, "loaded_before_the_fork": True,
    }  # fmt: skip


def test_a_running_task_says_so_to_everybody(tasks: Any, stage: Stage, tmp_path: Any) -> None:
    result = tasks.wait.using(backend="hurried").enqueue(str(tmp_path / "runs"))
    wait_until((tmp_path / "runs").exists)
    there = task_backends["default"].get_result(result.id)
    assert (there.status, there.finished_at, there.is_finished) == (TaskResultStatus.RUNNING, None, False)
    assert there.started_at is not None
    with pytest.raises(ValueError, match="not finished"):
        _ = there.return_value
    finished(result)


def test_a_task_may_be_enqueued_by_its_path_from_any_language(tasks: Any, stage: Stage) -> None:
    from jobs import QueueManager

    made = QueueManager(stage.store).enqueue("django-task", {"path": "tests.tasks.tasks.add", "args": [1, 2]})
    assert finished(tasks.add.get_result(made.id)).return_value == 3


def test_tasks_of_one_function_are_found_by_tag(tasks: Any, stage: Stage) -> None:
    result = tasks.add.enqueue(1, 2)
    envelope = stage.store.reader.job(result.id).envelope
    assert envelope is not None
    assert envelope.tags == ("tests.tasks.tasks.add",)
