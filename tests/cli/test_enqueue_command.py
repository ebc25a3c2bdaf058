"""`manage.py enqueue`: what it makes, and what comes of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import msgspec
import pytest

from jobs.backoff import Backoff
from jobs.inspector import Inspector
from jobs.states import State
from jobs.store.outcomes import Completed, Discarded, Failed
from jobs.types import Claim
from tests.cli.conftest import entries, run
from tests.support.jobs import BOOM, completed, discarded, failed
from tests.support.polling import wait_until

How = Callable[[Claim], Completed | Failed | Discarded]
Settle = Callable[[How], None]


@pytest.fixture(autouse=True)
def any_type(kit, configure) -> None:
    """Take jobs of types that nobody handles."""
    configure(replace(kit.store.config, accept_unknown_types=True))
    kit.store.config = replace(kit.store.config, accept_unknown_types=True)


@pytest.fixture
def settle(kit) -> Iterator[Settle]:
    """Return a function that has the next job claimed and settled while the command waits."""
    threads: list[threading.Thread] = []
    worker = kit.worker()

    def start(how: How) -> None:
        def work() -> None:
            [claim] = wait_until(lambda: kit.claim(worker))
            outcome = how(claim)
            if isinstance(outcome, Completed):
                worker.complete([outcome])
            elif isinstance(outcome, Failed):
                worker.fail([outcome])
            else:
                worker.discard([outcome])

        threads.append(threading.Thread(target=work))
        threads[-1].start()

    yield start
    for thread in threads:
        thread.join()


def test_every_option_of_an_enqueue_is_there(kit):
    text = (
        "enqueue mail [1.0] --queue q --priority low --run-at 2100-01-01T00:00:00Z --max-retries 7 --timeout 1.5"
        " --retention 60 --deduplication-key k --deduplication-ttl 90 --tag a --tag b --job-id mine"
        " --backoff base=0.5,factor=3,max=9,jitter=0"
    )
    assert run(*text.split()).out == "mine\n"
    record = kit.record("mine")
    assert (record.queue, record.priority.label, record.state) == ("q", "low", State.SCHEDULED)
    assert (record.max_retries, record.retention, record.deduplication_key) == (7, 60_000, "k")
    assert record.deduplication_until == record.created + 90_000
    [envelope] = kit.reader.envelopes(["mine"])
    assert envelope is not None
    assert (envelope.payload, envelope.timeout_ms, envelope.tags) == (b"[1.0]", 1500, ("a", "b"))
    assert envelope.backoff == Backoff(0.5, 3.0, 9.0, 0.0)
    assert entries() == []


def test_a_duplicate_may_be_answered_with_the_first(kit):
    first = run("enqueue", "mail", "--deduplication-key", "k").out
    assert run("enqueue", "mail", "--deduplication-key", "k").code == 1
    ran = run("enqueue", "mail", "--deduplication-key", "k", "--on-duplicate", "return")
    assert (ran.out, ran.err, ran.code) == (first, "The job was there already; it is pending.\n", 0)


def test_json_is_what_the_rest_interface_answers(kit):
    [receipt] = run("enqueue", "mail", "--json", "--delay", "60", "--queue", "q").documents
    record = kit.record(receipt["jobId"])
    assert list(receipt) == ["jobId", "type", "status", "queue", "priority", "createdAt", "runAt"]
    assert list(receipt.values())[1:5] == ["mail", "scheduled", "q", "normal"]
    assert (record.type, record.queue) == ("mail", "q")
    assert receipt["runAt"] > receipt["createdAt"]


@pytest.mark.parametrize("text", ["base", "base=x", "speed=1", "", "base=1,,"])
def test_a_backoff_that_is_none_is_refused(kit, text):
    assert "give some of base, factor, max, jitter" in run("enqueue", "mail", "--backoff", text).err


def test_the_result_is_printed_as_it_was_returned(kit, settle):
    settle(lambda claim: completed(claim, b'{"sum":1.10,"big":12345678901234567890123}'))
    ran = run("enqueue", "echo", "--wait")
    assert (ran.out, ran.code) == ('{"sum":1.10,"big":12345678901234567890123}\n', 0)
    assert ran.err.startswith("Job 00")


def test_no_result_is_null(kit, settle):
    settle(completed)
    assert run("enqueue", "echo", "--wait").out == "null\n"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (lambda claim: failed(claim, BOOM, final=True), "is dead: ValueError: boom"),
        (lambda claim: discarded(claim, "not needed"), "is cancelled: not needed"),
    ],
)
def test_a_job_that_does_not_complete_is_exit_code_one(kit, settle, how, words):
    settle(how)
    ran = run("enqueue", "echo", "--wait")
    assert (ran.out, ran.code) == ("", 1)
    assert words in ran.err.splitlines()[-1]


def test_json_of_a_job_that_was_waited_for_is_the_job(kit, settle):
    settle(lambda claim: failed(claim, BOOM, final=True))
    ran = run("enqueue", "echo", "--wait", "--json")
    [document] = ran.documents
    assert document == json.loads(msgspec.json.encode(Inspector(kit.store).job(document["jobId"])))
    assert ran.code == 1


def test_a_wait_ends_in_time(kit):
    ran = run("enqueue", "echo", "--wait", "--wait-timeout", "0.1")
    assert ran.code == 1
    assert "is still pending after 0.1 s" in ran.err
    assert run("enqueue", "echo", "--wait-timeout", "1").code == 2


def test_a_job_that_is_not_kept_cannot_be_waited_for(kit, settle):
    settle(lambda claim: completed(claim, b"1"))
    ran = run("enqueue", "echo", "--wait", "--retention", "0")
    assert ran.code == 3
    assert "is over and was not kept" in ran.err
