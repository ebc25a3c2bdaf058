"""Every way to enqueue leads into the outbox while the store is away, where it is on."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from jobs import QueueManager
from jobs.backends.compat import TaskResultStatus, task_backends
from jobs.errors import InvalidJob, StoreUnavailable
from jobs.handlers.registry import registry
from jobs.models import OutboxEntry
from jobs.requests import JobSpec
from jobs.states import State
from jobs.store.store import Store
from tests.outbox.conftest import Away
from tests.support.polling import wait_until
from tests.tasks.configured import TASKS


def test_with_the_outbox_off_it_is_refused_as_ever(away: Away) -> None:
    off = QueueManager(Store.open(replace(away.config, outbox=False)))
    away.server.kill()
    with pytest.raises(StoreUnavailable):
        off.enqueue("echo")
    with pytest.raises(StoreUnavailable):
        off.enqueue_many([JobSpec("echo")])
    assert not OutboxEntry.objects.exists()


def test_what_is_wrong_is_refused_without_a_store_too(away: Away) -> None:
    away.server.kill()
    with pytest.raises(InvalidJob):
        away.manager.enqueue("echo", queue="No")
    result = away.manager.enqueue_many([JobSpec("echo"), JobSpec("echo", queue="No")])
    assert [(index, each.accepted) for index, each in result.accepted] == [(0, True)]
    assert [(each.index, each.code) for each in result.refused] == [(1, "invalid")]


def test_a_repeat_under_the_same_id_is_answered_with_the_first(away: Away) -> None:
    away.server.kill()
    first = away.manager.enqueue("echo", 1, job_id="mine", queue="a", delay=60)
    again = away.manager.enqueue("echo", 2, job_id="mine", queue="b")
    assert (first.created, again.created, again.job.queue) == (True, False, "a")
    assert (again.state, again.due_ms) == (State.SCHEDULED, first.created_ms + 60_000)


def test_a_full_outbox_refuses_like_a_store_that_is_away(away: Away) -> None:
    small = QueueManager(Store.open(replace(away.config, outbox_max=2)))
    away.server.kill()
    specs = [JobSpec("echo", n) for n in range(3)]
    result = small.enqueue_many(specs)
    assert len(result.accepted) == 2
    assert [(each.index, each.code) for each in result.refused] == [(2, "store_unavailable")]
    with pytest.raises(StoreUnavailable, match="the outbox holds 2 jobs already, as many as OUTBOX_MAX allows"):
        small.enqueue("echo")


def test_a_task_of_the_framework_is_accepted_and_ready(away: Away) -> None:
    before = registry.types()
    with override_settings(TASKS=TASKS):
        tasks = import_module("tests.tasks.tasks")  # which can be imported only with its settings
        backend: Any = task_backends["default"]
        backend._manager = away.manager
        away.server.kill()
        result = backend.enqueue(tasks.add, [1, 2], {})
        with transaction.atomic():
            later = backend.enqueue_on_commit(tasks.add, [1, 2], {})
        for each in (result, later):
            found = backend.get_result(each.id)
            assert (found.status, found.args) == (TaskResultStatus.READY, [1, 2])
            assert each.enqueued_at is not None
    for name in registry.types() - before:
        registry.remove(name)


def test_the_command_says_that_the_job_waits(away: Away, capsys: pytest.CaptureFixture[str]) -> None:
    away.server.kill()
    call_command("enqueue", "echo", "{}", "--job-id", "mine")
    said = capsys.readouterr()
    assert (said.out.strip(), "waits in the outbox" in said.err) == ("mine", True)


def test_a_store_that_asks_for_a_password_is_away_too(away: Away) -> None:
    with away.server.client() as client:
        client.config_set("requirepass", "secret")
        client.execute_command("AUTH", "secret")
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    wait_until(lambda: away.manager.enqueue("echo").accepted)
