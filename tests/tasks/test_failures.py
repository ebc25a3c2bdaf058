"""What results say of tasks that fail, are tried again, run too long, are cancelled, or lose their worker."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.backends import TaskCancelled
from jobs.backends.compat import TaskResultStatus
from jobs.errors import JobTimeout, ResultNotSerializable, Retry, WorkerLost
from jobs.states import State
from jobs.steering import Steering
from tests.engine.stage import Stage
from tests.support.polling import wait_until
from tests.tasks.conftest import finished

pytestmark = pytest.mark.usefixtures("pool")


def error_classes(result: Any) -> list[type[BaseException]]:
    """The classes of a result's errors, imported by their paths."""
    return [error.exception_class for error in result.errors]


@pytest.mark.parametrize("name", ["refuse", "refuse_on_the_loop"])
def test_a_task_that_raises_has_failed_and_is_not_run_again(tasks: Any, stage: Stage, name: str) -> None:
    result = finished(getattr(tasks, name).enqueue("no money"))
    assert (result.status, result.attempts) == (TaskResultStatus.FAILED, 1)
    assert result.started_at <= result.last_attempted_at <= result.finished_at
    [error] = result.errors
    assert (error.exception_class_path, error.exception_class) == ("tests.tasks.tasks.Refused", tasks.Refused)
    assert error.traceback.startswith("Traceback (most recent call last):")
    assert f"in {name}" in error.traceback
    assert "jobs/backends" not in error.traceback
    assert error.traceback.endswith("tests.tasks.tasks.Refused: no money\n")
    with pytest.raises(ValueError, match="failed"):
        _ = result.return_value
    assert stage.reached(result.id, State.DEAD).record is not None


@pytest.mark.parametrize("name", ["succeed_at", "succeed_on_the_loop_at"])
def test_a_task_is_tried_again_as_often_as_max_retries_says(tasks: Any, name: str) -> None:
    result = finished(getattr(tasks, name).enqueue(3))
    assert (result.status, result.attempts) == (TaskResultStatus.SUCCESSFUL, 3)
    assert error_classes(result) == [tasks.Refused, tasks.Refused]
    assert result.started_at < result.last_attempted_at < result.finished_at
    result = finished(getattr(tasks, name).enqueue(9))
    assert (result.status, result.attempts) == (TaskResultStatus.FAILED, 3)
    assert [error.traceback.splitlines()[-1][-9:] for error in result.errors] == ["attempt 1", "attempt 2", "attempt 3"]


def test_the_context_of_a_second_attempt_knows_the_first(tasks: Any) -> None:
    result = finished(tasks.succeed_at.enqueue(2))
    attempt, workers, errors = result.return_value
    assert (attempt, errors) == (2, ["tests.tasks.tasks.Refused"])
    assert workers == result.worker_ids
    assert len(workers) == 2


def test_a_task_that_waits_for_its_next_attempt_is_ready_with_its_error(tasks: Any, stage: Stage) -> None:
    result = tasks.refuse.using(backend="patient").enqueue("not yet")
    stage.reached(result.id, State.RETRYING)
    result.refresh()
    assert (result.status, result.attempts, result.finished_at) == (TaskResultStatus.READY, 1, None)
    assert error_classes(result) == [tasks.Refused]
    stage.store.operator.delete([result.id])


def test_a_dead_task_that_a_person_retries_is_ready_again_and_keeps_its_errors(tasks: Any, stage: Stage) -> None:
    result = finished(tasks.refuse.using(queue_name="idle").enqueue("once"))
    stage.store.operator.pause("idle")
    Steering(stage.store).retry(result.id)
    result.refresh()
    assert (result.status, result.finished_at, error_classes(result)) == (TaskResultStatus.READY, None, [tasks.Refused])
    stage.store.operator.resume("idle")
    finished(result)
    assert (error_classes(result), result.attempts) == ([tasks.Refused, tasks.Refused], 2)


@pytest.mark.parametrize("name", ["wait", "wait_on_the_loop"])
def test_a_task_that_runs_too_long_is_ended_and_has_failed(tasks: Any, tmp_path: Any, name: str) -> None:
    result = finished(getattr(tasks, name).using(backend="hurried").enqueue(str(tmp_path / "runs")))
    assert result.status is TaskResultStatus.FAILED
    assert error_classes(result) == [JobTimeout]
    assert "longer than its timeout of 300 ms" in result.errors[0].traceback


@pytest.mark.parametrize("name", ["wait", "wait_on_the_loop"])
def test_a_task_that_is_cancelled_while_it_runs_has_failed(tasks: Any, stage: Stage, tmp_path: Any, name: str) -> None:
    result = getattr(tasks, name).enqueue(str(tmp_path / "runs"))
    wait_until((tmp_path / "runs").exists)
    Steering(stage.store).cancel(result.id, "no longer wanted")
    finished(result)
    assert (result.status, error_classes(result)) == (TaskResultStatus.FAILED, [TaskCancelled])
    assert result.attempts == 1


def test_a_task_that_is_cancelled_before_it_runs_has_failed_without_an_attempt(tasks: Any, stage: Stage) -> None:
    stage.store.operator.pause("idle")
    result = tasks.add.using(queue_name="idle").enqueue(1, 2)
    assert Steering(stage.store).cancel(result.id, "no longer wanted")
    stage.store.operator.resume("idle")
    result.refresh()
    assert (result.status, result.attempts, result.started_at) == (TaskResultStatus.FAILED, 0, None)
    assert error_classes(result) == [TaskCancelled]
    assert result.errors[0].traceback == "jobs.backends.TaskCancelled: no longer wanted\n"


def test_a_task_whose_worker_is_killed_has_failed_unless_it_may_be_tried_again(tasks: Any) -> None:
    result = finished(tasks.die.enqueue())
    assert (result.status, error_classes(result)) == (TaskResultStatus.FAILED, [WorkerLost])
    assert "SIGKILL" in result.errors[0].traceback
    result = finished(tasks.die.using(backend="retrying").enqueue())
    assert (result.return_value, error_classes(result)) == (2, [WorkerLost])
    assert len(set(result.worker_ids)) == 2


@pytest.mark.parametrize("name", ["return_an_object", "return_nan"])
def test_a_result_that_is_no_json_fails_the_task_whatever_attempts_are_left(
    tasks: Any, tmp_path: Any, name: str
) -> None:
    result = finished(getattr(tasks, name).enqueue(str(tmp_path / "runs")))
    assert (result.status, error_classes(result)) == (TaskResultStatus.FAILED, [ResultNotSerializable])
    assert (tmp_path / "runs").read_text() == "run\n"


def test_a_task_may_steer_its_job(tasks: Any) -> None:
    discarded = finished(tasks.steer.enqueue("discard"))
    assert (discarded.status, error_classes(discarded)) == (TaskResultStatus.FAILED, [TaskCancelled])
    assert discarded.errors[0].traceback == "jobs.backends.TaskCancelled: not wanted\n"
    retried = finished(tasks.steer.enqueue("retry"))
    assert (retried.return_value, error_classes(retried), retried.attempts) == (2, [Retry], 2)
    snoozed = finished(tasks.steer.enqueue("snooze"))
    assert (snoozed.return_value, snoozed.errors, snoozed.attempts) == (1, [], 1)
