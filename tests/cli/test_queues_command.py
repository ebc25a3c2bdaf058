"""`manage.py queues`."""

from __future__ import annotations

import json

import msgspec

from jobs.inspector import Inspector
from jobs.states import State
from jobs.types import Priority
from tests.cli.conftest import ME, entries, reasons, run


def test_queues_are_listed_with_what_waits_in_them(kit):
    kit.enqueue(queue="mail", priority=Priority.HIGH)
    kit.enqueue_many(1200, queue="mail")
    kit.enqueue(queue="mail", delay_ms=60_000)
    kit.operator.pause("mail")
    kit.advance(90_000)
    rows = [line.split() for line in run("queues", "list").lines]
    assert " ".join(rows[0]) == "QUEUE STATE PENDING HIGH/NORMAL/LOW ACTIVE SCHEDULED RETRYING DEAD OLDEST IN OUT"
    assert rows[1][:3] == ["default", "open", "0"]
    assert rows[2][:10] == ["mail", "paused", "1,201", "1/1,200/0", "0", "1", "0", "0", "1", "min"]


def test_json_has_the_fields_of_the_rest_interface(kit):
    kit.enqueue(queue="mail", delay_ms=60_000)
    kit.advance(3_600_000)  # nothing comes in any more: the rate stands still between the two looks
    assert run("queues", "list", "--json").documents == json.loads(msgspec.json.encode(Inspector(kit.store).queues()))


def test_queues_are_paused_and_resumed(kit):
    kit.enqueue(queue="mail")
    kit.enqueue(queue="order")
    assert run("queues", "pause", "mail", "order", "--reason", "deploy").lines == ["mail paused", "order paused"]
    assert set(kit.reader.paused()) == {"mail", "order"}
    assert run("queues", "pause", "mail").lines == ["mail was paused already"]
    [document] = run("queues", "resume", "mail", "--json").documents
    assert (document["name"], document["paused"]) == ("mail", False)
    assert run("queues", "resume", "mail", "order").lines == ["mail was not paused", "order resumed"]
    assert kit.reader.paused() == {}
    assert entries()[:3] == [(ME, "queue.pause", "mail"), (ME, "queue.pause", "order"), (ME, "queue.pause", "mail")]
    assert reasons()[:3] == ["deploy", "deploy", ""]


def test_a_queue_that_nobody_knows_is_exit_code_three(kit):
    for arguments in (["pause", "nowhere"], ["resume", "nowhere"], ["purge", "nowhere", "--yes"]):
        ran = run("queues", *arguments)
        assert (ran.code, ran.err) == (3, "no queue nowhere\n")
    assert entries() == []


def test_a_queue_is_purged_of_what_waits_in_it(kit, crew):
    waiting = [*kit.enqueue_many(3, queue="mail"), kit.enqueue(queue="mail", delay_ms=60_000)]
    other = kit.enqueue()
    ran = run("queues", "purge", "mail", "--yes", "--reason", "wrong")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Deleted 4 waiting jobs in ")
    assert kit.states([*waiting, other]) == [None] * 4 + [State.PENDING]
    assert entries() == [(ME, "queue.purge", "mail")]


def test_a_purge_has_to_be_confirmed(kit):
    [job_id] = kit.enqueue_many(1, queue="mail")
    ran = run("queues", "purge", "mail")
    assert (ran.code, ran.err) == (2, "this would delete 1 waiting job of queue mail: to do it, give --yes\n")
    assert kit.state(job_id) is State.PENDING
    ran = run("queues", "purge", "default", "--yes")
    assert (ran.code, ran.err) == (0, "No waiting job of queue default: nothing to do.\n")
