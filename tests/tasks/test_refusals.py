"""What cannot be enqueued, and how that is said."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from jobs.backends.compat import InvalidTask, InvalidTaskBackend, task, task_backends
from jobs.errors import InvalidJob, PayloadTooLarge
from jobs.states import State
from tests.engine.stage import Stage
from tests.tasks.configured import BACKEND


@pytest.fixture(autouse=True)
def nothing_was_enqueued(stage: Stage) -> Any:
    """Look after each test whether the store is as empty as before."""
    stage.server.flush()
    yield
    assert stage.count(State.PENDING) == 0


@pytest.mark.parametrize("value", [datetime.now(UTC), {1, 2}, object(), b"\xff"])
def test_arguments_that_are_no_json_are_refused_as_by_other_backends(tasks: Any, value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        tasks.add.enqueue(value, 1)


@pytest.mark.parametrize("value", [float("nan"), "\ud800", {1: "a", "1": "b"}])
def test_arguments_that_no_payload_can_carry_are_refused(tasks: Any, value: Any) -> None:
    with pytest.raises(InvalidJob):
        tasks.add.enqueue(value, 1)


def test_arguments_that_are_too_large_are_refused(tasks: Any) -> None:
    with pytest.raises(PayloadTooLarge):
        tasks.add.enqueue("x" * 1_100_000, "")


@pytest.mark.parametrize("queue", ["Mail", "mail queue", "x" * 65, ""])
def test_a_queue_that_the_store_cannot_have_makes_the_task_invalid(tasks: Any, queue: str) -> None:
    with override_settings(TASKS={"default": {"BACKEND": BACKEND, "QUEUES": []}}):
        with pytest.raises(InvalidTask, match="a-z 0-9"):
            tasks.add.using(queue_name=queue)
        tasks.add.using(queue_name="any-name.is_fine")


NAIVE = datetime.now(UTC).replace(tzinfo=None)


@pytest.mark.parametrize("change", [{"queue_name": "unlisted"}, {"priority": 101}, {"run_after": NAIVE}])
def test_what_the_framework_finds_invalid_is_invalid(tasks: Any, change: dict[str, Any]) -> None:
    with pytest.raises(InvalidTask):
        tasks.add.using(**change)


def test_a_function_that_a_worker_could_not_find_as_a_task_is_refused_when_it_is_enqueued(tasks: Any) -> None:
    with pytest.raises(InvalidTask, match=r"tests\.tasks\.tasks\.plain is no Task, but function"):
        tasks.plain_task.enqueue()
    unnamed = task(eval("lambda: 1", {"__name__": "tests.tasks.tasks"}))
    with pytest.raises(InvalidTask, match="cannot be imported"):
        unnamed.enqueue()


def of_the_program() -> None:
    """Is made to look as if it were defined in the program that runs."""


def test_a_task_of_the_program_that_runs_is_refused(tasks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_the_program, "__module__", "__main__")
    made = task(of_the_program)
    monkeypatch.setattr(sys.modules["__main__"], "of_the_program", made, raising=False)
    with pytest.raises(InvalidTask, match="a worker cannot import it"):
        made.enqueue()


def test_another_task_in_the_place_of_a_task_is_noticed(tasks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tasks.add
    monkeypatch.setattr(tasks, "add", tasks.echo)
    with pytest.raises(InvalidTask, match=r"another Task has the path tests\.tasks\.tasks\.add"):
        before.enqueue(1, 2)


def test_options_that_are_wrong_are_refused_when_a_task_is_enqueued(tasks: Any) -> None:
    with (
        override_settings(TASKS={"default": {"BACKEND": BACKEND, "OPTIONS": {"max_retries": -1}}}),
        pytest.raises(InvalidTaskBackend, match=r"TASKS\['default'\]: the option 'max_retries' is refused"),
    ):
        tasks.add.enqueue(1, 2)


def test_moments_are_naive_where_the_project_has_no_time_zones(tasks: Any, stage: Stage) -> None:
    with override_settings(USE_TZ=False, TIME_ZONE="Asia/Tokyo"):
        due = timezone.now() + timedelta(hours=1)
        assert timezone.is_naive(due)
        result = tasks.add.using(run_after=due).enqueue(1, 2)
        there: Any = task_backends["default"].get_result(result.id)
        assert there.task.run_after == due
        assert abs(there.enqueued_at - timezone.now()) < timedelta(minutes=1)
    [record] = stage.store.reader.records([result.id])
    assert record is not None
    assert 3_590_000 < record.ready - record.created < 3_610_000
