"""The thread that writes: bounded waits, one connection, nothing lost that can be kept."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from multiprocessing import get_context
from typing import Any

import pytest
import time_machine
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from jobs import connections as own_connections
from jobs import trail
from jobs.models import AuditEntry
from jobs.trail import draft, ticket, writer
from jobs.trail.ticket import Intent
from tests.support.polling import wait_until

from .conftest import ANN, only_entry

RETRY = trail.Action.JOB_RETRY
Lock = Callable[[], Any]
pytestmark = pytest.mark.usefixtures("database")


def act(target: str = "") -> None:
    with trail.entry(actor=ANN, action=RETRY, target=target):
        pass


def test_many_threads_write_through_one_connection(monkeypatch):
    # How long a busy machine takes is not the question.
    monkeypatch.setattr(import_module("jobs.trail.scribe"), "WAIT_SECONDS", 60.0)
    opened: list[str] = []

    def note(**_: Any) -> None:
        opened.append(threading.current_thread().name)

    def work(number: int) -> bool:
        act(str(number))
        return connections["default"].connection is None

    connection_created.connect(note)
    try:
        with ThreadPoolExecutor(16) as threads:
            untouched = list(threads.map(work, range(200)))
    finally:
        connection_created.disconnect(note)
    assert all(untouched)
    wait_until(lambda: not AuditEntry.objects.exclude(status="done").exists())  # an end is waited for only so long
    assert opened == ["audit-trail"]
    assert sorted(AuditEntry.objects.values_list("target_id", flat=True), key=int) == [str(n) for n in range(200)]


def test_a_locked_database_refuses_all_that_wait_in_two_seconds_each(locked: Lock):
    def refused(number: int) -> bool:
        try:
            act(str(number))
        except trail.TrailUnavailable:
            return True
        return False

    with locked():
        started = time.monotonic()
        with ThreadPoolExecutor(20) as threads:
            outcomes = list(threads.map(refused, range(20)))
        took = time.monotonic() - started
    assert all(outcomes)
    assert took < 4  # they wait side by side, and the database's own patience is 20 s
    trail.scribe.close()
    assert not AuditEntry.objects.exclude(status="failed").exists()  # one may be written in the instant of giving up


def test_it_works_again_as_soon_as_the_lock_is_gone(locked: Lock):
    with locked(), pytest.raises(trail.TrailUnavailable):
        act("first")
    act("second")
    assert only_entry().target_id == "second"


def test_a_lock_that_passes_in_time_is_waited_for(locked: Lock):
    with ThreadPoolExecutor(1) as threads:
        with locked():
            acting = threads.submit(act)
            wait_until(lambda: "audit-trail" in {thread.name for thread in threading.enumerate()})
        acting.result(5)
    assert only_entry().status == "done"


def test_an_end_that_cannot_be_written_fails_nothing_and_is_written_later(locked: Lock, monkeypatch):
    monkeypatch.setattr(ticket, "PAUSES", (0.01,) * 20)
    with trail.entry(actor=ANN, action=RETRY) as entry:
        lock = locked()
        lock.__enter__()
        entry.count = 5
    assert only_entry().status == "intent"
    lock.__exit__(None, None, None)
    wait_until(lambda: only_entry().status == "done")
    assert only_entry().count == 5


def test_an_end_that_can_never_be_written_leaves_an_intent_and_a_line_in_the_log(locked: Lock, monkeypatch, caplog):
    monkeypatch.setattr(ticket, "PAUSES", ())
    with trail.entry(actor=ANN, action=RETRY) as entry:
        lock = locked()
        lock.__enter__()
        entry.count = 5
    wait_until(lambda: "an audit entry stays without its end" in caplog.text)
    lock.__exit__(None, None, None)
    trail.scribe.close()
    assert only_entry().status == "intent"


def test_what_waits_for_another_try_is_written_when_the_process_ends(locked: Lock, monkeypatch):
    monkeypatch.setattr(ticket, "PAUSES", (3600.0,))
    refused = threading.Event()
    monkeypatch.setattr(writer.log, "warning", lambda *_, **__: refused.set(), raising=False)
    with trail.entry(actor=ANN, action=RETRY):
        lock = locked()
        lock.__enter__()
    assert refused.wait(5)
    lock.__exit__(None, None, None)
    trail.scribe.close()
    assert only_entry().status == "done"


def test_an_intent_that_is_written_after_all_says_that_nothing_was_done():
    intent = Intent(draft.draft(ANN, RETRY, "late"))
    intent.write("default")
    with pytest.raises(trail.TrailUnavailable):
        intent.wait(0)
    completion = intent.written()
    assert completion is not None
    completion.write("default")
    assert (only_entry().status, only_entry().code) == ("failed", "audit_unavailable")


def test_a_process_that_dies_in_the_middle_leaves_an_unknown_outcome():
    def die() -> None:
        with trail.entry(actor=ANN, action=RETRY):
            os.kill(os.getpid(), signal.SIGKILL)

    act("before the fork")  # a forked child must not believe in its parent's thread
    child = get_context("fork").Process(target=die)
    child.start()
    child.join(30)
    assert child.exitcode == -signal.SIGKILL
    entry = AuditEntry.objects.get(target_id="")
    assert entry.shown_status.value == "intent"
    with time_machine.travel(entry.at + timedelta(seconds=61)):
        assert entry.shown_status.value == "unknown"


def test_the_connection_is_closed_when_nothing_comes(monkeypatch):
    made: list[BaseDatabaseWrapper] = []
    real = own_connections.short_tempered

    def make(name: str) -> BaseDatabaseWrapper:
        made.append(real(name))
        return made[-1]

    monkeypatch.setattr(writer, "IDLE_SECONDS", 0.01)
    monkeypatch.setattr(own_connections, "short_tempered", make)
    act("first")
    [wrapper] = made
    wait_until(lambda: wrapper.connection is None)
    act("second")
    assert AuditEntry.objects.count() == 2
    assert len(made) == 1


def test_one_entry_that_no_database_takes_spoils_no_other(locked: Lock):
    good, bad = draft.draft(ANN, RETRY, "good"), draft.draft(ANN, RETRY, "bad") | {"at": None}
    with ThreadPoolExecutor(2) as threads:
        with locked():  # so that both come together
            one, other = threads.submit(trail.scribe.add, bad), threads.submit(trail.scribe.add, good)
            wait_until(lambda: trail.scribe._items.qsize() == 0)
        assert other.result(5) > 0
        with pytest.raises(trail.TrailUnavailable):
            one.result(5)
    assert only_entry().target_id == "good"


def test_inside_a_transaction_on_sqlite_nothing_waits_for_itself():
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        act()
    assert not AuditEntry.objects.exists()
