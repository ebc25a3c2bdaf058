"""Jobs that are put down in the transaction that they belong to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction

from jobs import enqueue_on_commit
from jobs.errors import DuplicateJob, TooManyQueues
from jobs.models import OutboxEntry
from jobs.outbox import table
from jobs.states import State
from jobs.store.producer import MAX_QUEUES
from jobs.types import Priority
from tests.outbox.conftest import Away
from tests.support.jobs import request
from tests.support.polling import wait_until

ROOT = Path(__file__).resolve().parents[2]


def test_an_entry_lives_as_long_as_its_transaction_and_then_the_store_has_the_job(away: Away) -> None:
    with transaction.atomic():
        job_id = enqueue_on_commit("echo", {}, manager=away.manager)
        assert OutboxEntry.objects.get().job_id == job_id
    assert not OutboxEntry.objects.exists()
    assert away.seen.reader.job(job_id).record is not None


def test_a_rollback_takes_the_entry_along(away: Away) -> None:
    away.server.kill()
    with transaction.atomic():
        enqueue_on_commit("echo", {}, manager=away.manager)
        away.manager.enqueue("echo", {})
        assert OutboxEntry.objects.count() == 2
        transaction.set_rollback(True)
    assert not OutboxEntry.objects.exists()


def test_a_store_that_is_away_at_the_commit_gets_the_job_later(away: Away) -> None:
    away.server.kill()
    with transaction.atomic():
        job_id = enqueue_on_commit("echo", {}, manager=away.manager)
        Group.objects.create(name="kept")
    assert Group.objects.filter(name="kept").exists()
    with away.forwarding():
        away.server.start()
        wait_until(lambda: not OutboxEntry.objects.exists())
    assert away.seen.reader.job(job_id).record is not None


def test_a_key_that_is_taken_is_said_after_the_commit_and_the_job_ends_cancelled(away: Away) -> None:
    away.seen.producer.enqueue([request("first", deduplication_key="one")])
    with pytest.raises(DuplicateJob), transaction.atomic():
        job_id = enqueue_on_commit("echo", {}, deduplication_key="one", manager=away.manager)
    assert OutboxEntry.objects.get().duplicate_of == "first"
    away.seen.operator.cancel(["first"])  # the key is free again, and the job is told of all the same
    with away.forwarding():
        wait_until(lambda: not OutboxEntry.objects.exists())
    job = away.seen.reader.job(job_id).record
    assert job is not None
    assert (job.state, job.error) == (State.CANCELLED, "duplicate_job")


def test_a_committed_job_that_the_store_refuses_for_what_it_is_stays_as_refused(away: Away) -> None:
    queues = [part for n in range(MAX_QUEUES) for part in (f"q{n}", "1")]
    away.seen.client.call("HSET", away.seen.keys.queues, *queues)
    with pytest.raises(TooManyQueues), transaction.atomic():
        job_id = enqueue_on_commit("echo", {}, queue="one-more", manager=away.manager)
    entry = OutboxEntry.objects.get()
    assert (entry.job_id, entry.refused) == (job_id, "invalid: there are 1000 queues already")
    away.seen.client.call("HDEL", away.seen.keys.queues, "q0")
    assert table.all_wait_again("default") == 1
    with away.forwarding():
        wait_until(lambda: not OutboxEntry.objects.exists())
    assert away.seen.reader.job(job_id).record is not None


@pytest.mark.parametrize("robust", [False, True])
def test_a_committed_job_outlives_an_answer_that_nobody_understands(away: Away, robust: bool) -> None:
    line = away.seen.keys.pending("default", Priority.NORMAL)
    away.seen.client.call("SET", line, "foreign")
    with transaction.atomic():
        job_id = enqueue_on_commit("echo", {}, robust=robust, manager=away.manager)
    entry = OutboxEntry.objects.get()
    assert (entry.job_id, entry.refused) == (job_id, "")
    away.seen.client.call("DEL", line)
    with away.forwarding():
        wait_until(lambda: not OutboxEntry.objects.exists())
    assert away.seen.reader.job(job_id).record is not None


def test_a_process_that_dies_between_the_commit_and_the_sending_loses_nothing(away: Away) -> None:
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "OUTBOX": "true",
        "ACCEPT_UNKNOWN_TYPES": "true",
    }
    command = [sys.executable, "-m", "tests.outbox.committer", "mine"]
    dead = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, timeout=60, check=False)
    assert dead.returncode == -signal.SIGKILL
    assert OutboxEntry.objects.get().job_id == "mine"
    with away.forwarding():
        wait_until(lambda: not OutboxEntry.objects.exists())
    job = away.seen.reader.job("mine").record
    assert job is not None
    assert job.state is State.PENDING
