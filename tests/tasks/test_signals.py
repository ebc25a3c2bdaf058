"""The three signals: when they are sent, by whom, and what receivers see."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jobs.backends import QueueFlowBackend
from jobs.backends.compat import task_enqueued
from jobs.steering import Steering
from tests.engine.stage import Stage
from tests.support.polling import wait_until
from tests.tasks.conftest import finished
from tests.tasks.receivers import seen

Signals = Callable[[str], list[dict[str, Any]]]
OURS = "jobs.backends.backend.QueueFlowBackend"

pytestmark = pytest.mark.usefixtures("pool")


@pytest.fixture
def enqueued() -> Iterator[list[dict[str, Any]]]:
    """Give what a receiver of `task_enqueued` in this process has seen."""
    found: list[dict[str, Any]] = []

    def receive(sender: type, task_result: Any, **kwargs: Any) -> None:
        found.append(seen("enqueued", sender, task_result))

    task_enqueued.connect(receive)
    yield found
    task_enqueued.disconnect(receive)


def test_whoever_enqueues_sends_task_enqueued_once_the_store_has_the_job(
    tasks: Any, stage: Stage, enqueued: list[dict[str, Any]]
) -> None:
    def look(task_result: Any, **kwargs: Any) -> None:
        there.append(stage.store.reader.job(task_result.id).id)

    there: list[str] = []
    task_enqueued.connect(look)
    result = tasks.add.enqueue(1, 2)
    task_enqueued.disconnect(look)
    assert there == [result.id]
    [line] = enqueued
    assert (line["sender"], line["id"], line["status"], line["enqueued"]) == (OURS, result.id, "READY", True)
    assert line["pid"] == os.getpid()


def test_the_asynchronous_enqueue_sends_it_too(tasks: Any, enqueued: list[dict[str, Any]]) -> None:
    result = asyncio.run(tasks.add_on_the_loop.aenqueue(1, 2))
    assert [(line["id"], line["sender"]) for line in enqueued] == [(result.id, "tests.tasks.subclass.Subclass")]


@pytest.mark.parametrize("name", ["add", "add_on_the_loop"])
def test_the_worker_sends_task_started_and_task_finished(tasks: Any, signals: Signals, name: str) -> None:
    result = finished(getattr(tasks, name).enqueue(1, 2))
    started, ended = signals(result.id)
    sender = OURS if name == "add" else "tests.tasks.subclass.Subclass"
    assert (started["signal"], started["status"], started["sender"]) == ("started", "RUNNING", sender)
    assert (started["started"], started["finished"], started["attempts"]) == (True, False, 1)
    assert (ended["signal"], ended["status"], ended["sender"]) == ("finished", "SUCCESSFUL", sender)
    assert (ended["returned"], ended["finished"], ended["raising"]) == (3, True, None)
    assert ended["workers"] == result.worker_ids
    assert ended["pid"] != os.getpid()


@pytest.mark.parametrize("name", ["refuse", "refuse_on_the_loop"])
def test_receivers_of_a_failure_find_the_exception_being_handled(tasks: Any, signals: Signals, name: str) -> None:
    result = finished(getattr(tasks, name).enqueue("no"))
    ended = signals(result.id)[-1]
    assert (ended["signal"], ended["status"], ended["raising"]) == ("finished", "FAILED", "Refused")
    assert ended["errors"] == ["tests.tasks.tasks.Refused"]


def test_task_finished_is_sent_once_after_the_last_attempt(tasks: Any, signals: Signals) -> None:
    result = finished(tasks.succeed_at.enqueue(9))
    lines = signals(result.id)
    assert [line["signal"] for line in lines] == ["started", "started", "started", "finished"]
    assert [line["attempts"] for line in lines] == [1, 2, 3, 3]
    assert len(lines[-1]["errors"]) == 3
    result = finished(tasks.steer.enqueue("snooze"))
    assert [line["signal"] for line in signals(result.id)] == ["started", "started", "finished"]


@pytest.mark.parametrize("name", ["wait", "wait_on_the_loop"])
def test_task_finished_tells_of_a_time_out_as_the_result_does(
    tasks: Any, signals: Signals, tmp_path: Any, name: str
) -> None:
    result = finished(getattr(tasks, name).using(backend="hurried").enqueue(str(tmp_path / "runs")))
    ended = signals(result.id)[-1]
    assert (ended["signal"], ended["status"]) == ("finished", "FAILED")
    assert ended["errors"] == [error.exception_class_path for error in result.errors]


@pytest.mark.parametrize("name", ["wait", "wait_on_the_loop"])
def test_task_finished_tells_of_a_cancellation_as_the_result_does(
    tasks: Any, stage: Stage, signals: Signals, tmp_path: Any, name: str
) -> None:
    result = getattr(tasks, name).using(backend="patient").enqueue(str(tmp_path / "runs"))
    wait_until((tmp_path / "runs").exists)
    Steering(stage.store).cancel(result.id)
    finished(result)
    ended = signals(result.id)[-1]
    assert (ended["signal"], ended["status"]) == ("finished", "FAILED")
    assert ended["errors"] == [error.exception_class_path for error in result.errors]


def test_task_finished_tells_of_a_result_that_is_no_json(tasks: Any, signals: Signals, tmp_path: Any) -> None:
    result = finished(tasks.return_an_object.enqueue(str(tmp_path / "runs")))
    ended = signals(result.id)[-1]
    assert (ended["status"], ended["errors"]) == ("FAILED", ["jobs.errors.ResultNotSerializable"])


def test_a_receiver_that_fails_changes_nothing_about_a_task(tasks: Any, signals: Signals) -> None:
    def fail(**kwargs: Any) -> None:
        raise RuntimeError("a receiver that fails")

    task_enqueued.connect(fail, sender=QueueFlowBackend)
    result = finished(tasks.add.enqueue(1, 2))
    task_enqueued.disconnect(fail, sender=QueueFlowBackend)
    assert result.return_value == 3  # those of the worker, which fail too, were called
    assert len(signals(result.id)) == 2
