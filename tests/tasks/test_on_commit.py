"""Jobs and tasks that are enqueued when a transaction commits."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import override_settings

from jobs import QueueManager, enqueue_on_commit
from jobs.backends.compat import TaskResultDoesNotExist, TaskResultStatus, task_backends, task_enqueued
from jobs.errors import DuplicateJob, InvalidJob, PayloadTooLarge, StoreUnavailable, UnknownJobType
from jobs.states import State
from tests.engine.stage import Stage
from tests.tasks.configured import BACKEND

TYPE = "django-task"
PAYLOAD = {"path": "tests.tasks.tasks.add", "args": [1, 2]}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def empty(stage: Stage, tasks: Any) -> None:
    """Begin with an empty store, which this process can reach."""
    stage.server.flush()


def test_a_job_gets_its_id_at_once_and_is_made_by_the_commit(stage: Stage) -> None:
    with transaction.atomic():
        job_id = enqueue_on_commit(TYPE, PAYLOAD, priority="high", tags=["a"])
        Group.objects.create(name=job_id)
        assert stage.count(State.PENDING) == 0
    assert Group.objects.filter(name=job_id).exists()
    job = stage.store.reader.job(job_id)
    assert job.envelope is not None
    assert job.envelope.tags == ("a",)


def test_a_rollback_leaves_no_job(stage: Stage) -> None:
    def enqueue_and_roll_back() -> None:
        with transaction.atomic():
            enqueue_on_commit(TYPE, PAYLOAD)
            transaction.set_rollback(True)

    enqueue_and_roll_back()
    with transaction.atomic():
        enqueue_and_roll_back()
        kept = enqueue_on_commit(TYPE, PAYLOAD)
    assert stage.count(State.PENDING) == 1
    assert stage.store.reader.job(kept).record is not None


def test_outside_of_a_transaction_a_job_is_made_at_once(stage: Stage) -> None:
    assert stage.store.reader.job(enqueue_on_commit(TYPE, PAYLOAD, job_id="mine")).id == "mine"


def test_a_job_is_what_it_was_when_it_was_asked_for(stage: Stage) -> None:
    payload = {"path": "tests.tasks.tasks.add", "args": [1, 2]}
    with transaction.atomic():
        job_id = enqueue_on_commit(TYPE, payload)
        payload["args"] = []
    envelope = stage.store.reader.job(job_id).envelope
    assert envelope is not None
    assert b"[1,2]" in envelope.payload


def test_what_is_wrong_with_a_job_is_said_inside_the_transaction() -> None:
    wrong: list[tuple[type[Exception], Callable[[], object]]] = [
        (InvalidJob, lambda: enqueue_on_commit(TYPE, PAYLOAD, queue="No")),
        (InvalidJob, lambda: enqueue_on_commit(TYPE, {"args": []})),
        (InvalidJob, lambda: enqueue_on_commit(TYPE, PAYLOAD, deduplication_key="k", on_duplicate="return")),
        (PayloadTooLarge, lambda: enqueue_on_commit(TYPE, {"path": "x" * 1_100_000})),
        (UnknownJobType, lambda: enqueue_on_commit("no-such-type")),
    ]
    for error, act in wrong:
        with transaction.atomic(), pytest.raises(error):
            act()


def test_it_enqueues_with_the_manager_and_for_the_database_that_it_is_given(stage: Stage) -> None:
    with transaction.atomic():
        enqueue_on_commit(TYPE, PAYLOAD, manager=QueueManager(stage.store), using="default")
    assert stage.count(State.PENDING) == 1


def test_a_duplicate_is_told_by_the_commit(stage: Stage) -> None:
    first = QueueManager().enqueue(TYPE, PAYLOAD, deduplication_key="k")
    with pytest.raises(DuplicateJob) as caught, transaction.atomic():
        enqueue_on_commit(TYPE, PAYLOAD, deduplication_key="k")
    assert caught.value.job_id == first.id


def test_a_broken_connection_at_the_commit_makes_one_job(stage: Stage) -> None:
    with transaction.atomic():
        job_id = enqueue_on_commit(TYPE, PAYLOAD)
        stage.store.reader.now_ms()  # leaves a connection in the pool, which the restart breaks
        stage.server.restart()
    assert stage.store.reader.job(job_id).record is not None
    assert stage.count(State.PENDING) == 1


def test_a_store_that_is_away_at_the_commit_is_told_after_it(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    called: list[str] = []

    def change_something() -> None:
        with transaction.atomic():
            Group.objects.create(name="kept")
            called.append(enqueue_on_commit(TYPE, PAYLOAD))
            transaction.on_commit(partial(called.append, "later"))

    with stage.server.away("kill"), pytest.raises(StoreUnavailable):
        change_something()
    assert Group.objects.filter(name="kept").exists()
    [job_id] = called
    assert job_id in caplog.text
    assert "the transaction is committed, but its job was not enqueued" in caplog.text


def test_a_store_that_is_away_is_only_logged_where_that_is_wished(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    called: list[str] = []
    with stage.server.away("kill"), transaction.atomic():
        job_id = enqueue_on_commit(TYPE, PAYLOAD, robust=True)
        transaction.on_commit(partial(called.append, "later"))
    assert called == ["later"]
    assert [record for record in caplog.records if job_id in record.getMessage() and record.levelno == logging.ERROR]


@pytest.mark.parametrize(
    "params", [{"OPTIONS": {"enqueue_on_commit": True}}, {"ENQUEUE_ON_COMMIT": True}], ids=["option", "old setting"]
)
def test_a_backend_may_enqueue_all_its_tasks_on_commit(tasks: Any, params: dict[str, Any]) -> None:
    sent: list[Any] = []

    def receive(task_result: Any, **kwargs: Any) -> None:
        sent.append(task_result.enqueued_at)

    task_enqueued.connect(receive)
    with override_settings(TASKS={"default": {"BACKEND": BACKEND, **params}}):
        with transaction.atomic():
            result = tasks.add.enqueue(1, 2)
            assert (result.status, result.enqueued_at, sent) == (TaskResultStatus.READY, None, [])
            with pytest.raises(TaskResultDoesNotExist):
                result.refresh()
        task_enqueued.disconnect(receive)
        assert sent == [result.enqueued_at] != [None]
        result.refresh()
        assert result.status is TaskResultStatus.READY


def test_the_asynchronous_enqueue_waits_for_the_commit_too(tasks: Any, stage: Stage) -> None:
    with transaction.atomic():
        result = async_to_sync(tasks.add.using(backend="committing").aenqueue)(1, 2)
        assert stage.count(State.PENDING) == 0
    assert stage.store.reader.job(result.id).record is not None


def test_one_task_may_be_enqueued_on_commit_where_its_backend_does_not(tasks: Any, stage: Stage) -> None:
    with transaction.atomic():
        result = tasks.add.get_backend().enqueue_on_commit(tasks.add, [1], {"right": 2})
        assert stage.count(State.PENDING) == 0
    assert task_backends["default"].get_result(result.id).kwargs == {"right": 2}


def test_a_task_may_be_enqueued_by_on_commit_itself(tasks: Any, stage: Stage) -> None:
    with transaction.atomic():
        transaction.on_commit(partial(tasks.add.enqueue, 1, right=2))
        assert stage.count(State.PENDING) == 0
    assert stage.count(State.PENDING) == 1


def test_without_on_commit_a_task_is_enqueued_before_the_commit(tasks: Any, stage: Stage) -> None:
    with transaction.atomic():
        tasks.add.enqueue(1, 2)
        assert stage.count(State.PENDING) == 1
