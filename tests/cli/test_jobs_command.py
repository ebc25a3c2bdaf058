"""`manage.py jobs`."""

from __future__ import annotations

import io
import json
import sys
from types import SimpleNamespace

import msgspec
import pytest

from jobs.filtering import JobFilter
from jobs.inspector import Inspector
from jobs.states import State
from jobs.types import Failure, Priority
from tests.cli.conftest import ME, entries, run
from tests.support.jobs import completed, failed, request

HOUR_MS = 3_600_000
EVIL = Failure("ValueError", "\x1b[2Jboom\nsecond line", "Traceback:\n  \x1b[2Jboom", "e" * 16)


def ids(ran):
    return [document["jobId"] for document in ran.documents]


def test_a_list_shows_the_latest_first_and_says_that_there_is_more(kit):
    made = kit.enqueue_many(51)
    ran = run("jobs", "list")
    assert ran.lines[0].split() == ["ID", "STATE", "TYPE", "QUEUE", "TRIES", "WHEN", "ERROR", "OR", "PAYLOAD"]
    assert [line.split()[0] for line in ran.lines[1:]] == made[:0:-1]
    assert ran.lines[1].split()[:5] == [made[-1], "pending", "echo", "default", "0/4"]
    assert (ran.err, ran.code) == ("There may be more: see --limit and --all.\n", 0)


@pytest.mark.parametrize(
    ("arguments", "count"), [(["--limit", "3"], 3), (["--limit", "1100"], 1100), (["--all"], 1203)]
)
def test_a_list_is_as_long_as_asked_for(kit, arguments, count):
    made = kit.enqueue_many(1203)
    ran = run("jobs", "list", "--json", *arguments)
    assert ids(ran) == made[: -count - 1 : -1]
    assert bool(ran.err) == (count < 1203)


def test_a_search_goes_on_until_it_has_found_what_was_asked_for(kit):
    wanted = kit.enqueue(payload=b'{"name": "needle"}')
    kit.enqueue_many(2500, payload=b'{"name": "hay"}')
    assert ids(run("jobs", "list", "--q", "needle", "--json")) == [wanted]


def test_an_empty_list_is_its_titles(kit):
    ran = run("jobs", "list", "--status", "dead")
    assert len(ran.lines) == 1
    assert (ran.err, ran.code) == ("", 0)
    assert run("jobs", "list", "--status", "dead", "--json").out == ""


def test_json_has_the_fields_of_the_rest_interface(kit):
    kit.enqueue(payload=b'{"n": 12345678901234567890123}')
    page = Inspector(kit.store).jobs(JobFilter())
    assert run("jobs", "list", "--json").documents == json.loads(msgspec.json.encode(page.items))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--type", "mail"],
        ["--queue", "q"],
        ["--priority", "high"],
        ["--tag", "a"],
        ["--status", "scheduled"],
        ["--q", "needle"],
        ["--type", "mail", "--type", "nothing", "--queue", "q"],
        ["--created-before", "1h"],
        ["--created-before", "2000-01-01T00:00:00+01:00"],
    ],
)
def test_filters_are_those_of_the_rest_interface(kit, arguments):
    kit.enqueue_many(3)
    made = request(type="mail", payload=b'"needle"', queue="q", priority=Priority.HIGH, delay_ms=60_000)
    tagged = msgspec.structs.replace(made.envelope, tags=("a",))
    kit.producer.enqueue([msgspec.structs.replace(made, envelope=tagged)])
    found = ids(run("jobs", "list", "--json", *arguments))
    assert found == ([] if "--created-before" in arguments else [made.id])


def test_times_may_be_how_long_ago(kit):
    old = kit.enqueue()
    kit.advance(2 * HOUR_MS)
    new = kit.enqueue()
    assert ids(run("jobs", "list", "--json", "--created-after", "1h")) == [new]
    assert ids(run("jobs", "list", "--json", "--created-before", "60m")) == [old]
    assert ids(run("jobs", "list", "--json", "--created-after", "3h")) == [new, old]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--queue", "UPPER"], "--queue: "),
        (["--type", ""], "--type: "),
        (["--error", "x" * 201], "--error: "),
        (["--status", "gone"], "invalid choice: 'gone'"),
        (["--created-after", "yesterday"], "'yesterday': give a time with an offset"),
        (["--created-after", "2026-01-01T00:00:00"], "give a time with an offset"),
        (["--limit", "0"], "'0': give a whole number from 1 on"),
        (["--limit", "5", "--all"], "not allowed with argument"),
    ],
)
def test_what_makes_no_sense_is_said(kit, arguments, words):
    ran = run("jobs", "list", *arguments)
    assert words in ran.err
    assert ran.code


def test_a_damaged_record_costs_one_line(kit):
    good, bad = kit.enqueue(), kit.enqueue()
    kit.client.call("HSET", kit.keys.metadata, bad, b"\xc1")
    rows = [line.split()[:2] for line in run("jobs", "list").lines[1:]]
    assert rows == [[bad, "unreadable"], [good, "pending"]]
    assert "unreadable   record" in run("jobs", "show", bad).out


def test_nothing_that_a_terminal_obeys_is_written(kit):
    worker = kit.worker()
    claim = kit.claimed(worker, payload='"\x9b2J\x7f"'.encode())
    worker.fail([failed(claim, EVIL, final=True)])
    for arguments in (["list"], ["list", "--json"], ["show", claim.id], ["show", claim.id, "--json"]):
        out = run("jobs", *arguments).out
        assert "boom" in out
        assert not {"\x1b", "\x9b", "\x7f"} & set(out)


def test_a_job_is_shown_in_full(kit):
    worker = kit.worker("the-worker")
    claim = kit.claimed(
        worker, type="mail", queue="q", priority=Priority.HIGH, payload=b'{"n": 1.10, "big": 12345678901234567890123}'
    )
    worker.fail([failed(claim, EVIL, final=True)])
    out = run("jobs", "show", claim.id).out
    for words in (
        f"Job {claim.id}\n",
        "  state        dead\n",
        "  type         mail\n",
        "  queue        q, high\n",
        "  worker       the-worker\n",
        "  tries        1 of 4\n",
        "  fingerprint  eeeeeeeeeeeeeeee\n",
        '    "n": 1.10,\n    "big": 12345678901234567890123\n',
        "Executions\n",
        "Traceback of the last failure\n  Traceback:\n    \\u001b[2Jboom\n",
    ):
        assert words in out


def test_a_completed_job_shows_its_result(kit):
    worker = kit.worker()
    claim = kit.claimed(worker)
    worker.complete([completed(claim, b'{"sum":1.10}')])
    ran = run("jobs", "show", claim.id)
    assert 'Result\n  {\n    "sum": 1.10\n  }\n' in ran.out
    [document] = run("jobs", "show", claim.id, "--json").documents
    assert document == json.loads(msgspec.json.encode(Inspector(kit.store).job(claim.id)))


def test_only_the_beginning_of_a_long_payload_is_shown(kit):
    job_id = kit.enqueue(payload=b'"' + b"x" * 500_000 + b'"')
    out = run("jobs", "show", job_id).out
    assert len(out) < 6000
    assert "… of 488 KiB: --json has all of it" in out
    [document] = run("jobs", "show", job_id, "--json").documents
    assert len(document["payload"]) == 500_000


@pytest.mark.parametrize("job_id", ["nobody", "no such\nid", "x" * 500])
@pytest.mark.parametrize("verb", ["show", "cancel", "retry"])
def test_a_job_that_is_not_there_is_exit_code_three(kit, verb, job_id):
    ran = run("jobs", verb, job_id)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("no job ")
    assert len(ran.err.splitlines()) == 1
    assert [entry for entry in entries() if entry[2] != "nobody"] == []


def test_a_waiting_job_is_cancelled_in_the_name_of_the_shell_user(kit):
    job_id, other = kit.enqueue(), kit.enqueue()
    assert run("jobs", "cancel", job_id).out == f"{job_id} cancelled\n"
    assert kit.record(job_id).error == f"cancelled by {ME}"
    run("jobs", "cancel", other, "--reason", "not needed")
    assert kit.record(other).error == f"not needed ({ME})"
    assert entries() == [(ME, "job.cancel", job_id), (ME, "job.cancel", other)]


def test_the_worker_of_an_active_job_is_asked(kit):
    claim = kit.claimed()
    ran = run("jobs", "cancel", claim.id)
    assert ran.out == f"{claim.id} is active: its worker was asked to end it\n"
    assert kit.record(claim.id).cancelling
    assert "its worker was asked to end it" in run("jobs", "show", claim.id).out


def test_one_refusal_does_not_keep_the_others(kit):
    worker = kit.worker()
    over = kit.claimed(worker)
    worker.complete([completed(over)])
    waiting = kit.enqueue_many(2)
    ran = run("jobs", "cancel", waiting[0], "nobody", over.id, waiting[1])
    assert kit.states(waiting) == [State.CANCELLED] * 2
    assert ran.lines == [f"{job_id} cancelled" for job_id in waiting]
    assert ran.err.splitlines() == ["no job nobody", f"cannot cancel job {over.id}: it is completed"]
    assert ran.code == 1


def test_json_answers_with_the_jobs(kit):
    made = kit.enqueue_many(2)
    documents = run("jobs", "cancel", "--json", *made).documents
    assert [(each["jobId"], each["status"]) for each in documents] == [(job_id, "cancelled") for job_id in made]


def test_ids_may_come_from_standard_input(kit, monkeypatch):
    made = kit.enqueue_many(3)
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(made[:2]) + "\n"))
    assert run("jobs", "cancel", "-").code == 0
    assert kit.states(made) == [State.CANCELLED, State.CANCELLED, State.PENDING]


@pytest.mark.parametrize("arguments", [["jobs", "cancel", "-"], ["dlq", "retry", "-"], ["dlq", "delete", "-", "--yes"]])
def test_no_ids_on_standard_input_are_no_jobs_and_not_all_of_them(kit, monkeypatch, arguments):
    made = kit.enqueue()
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    ran = run(*arguments)
    assert (ran.out, ran.code) == ("", 0)
    assert kit.state(made) is State.PENDING


def test_a_dead_job_is_retried(kit):
    worker = kit.worker()
    claim = kit.claimed(worker)
    worker.fail([failed(claim, final=True)])
    assert run("jobs", "retry", claim.id).out == f"{claim.id} retried\n"
    assert kit.state(claim.id) is State.PENDING
    ran = run("jobs", "retry", claim.id)
    assert (ran.err, ran.code) == (f"cannot retry job {claim.id}: it is pending\n", 1)


def test_a_retry_may_bring_another_payload(kit, monkeypatch):
    worker = kit.worker()
    claim = kit.claimed(worker)
    worker.fail([failed(claim, final=True)])
    ran = run("jobs", "retry", claim.id, "--payload", "{")
    assert ran.code == 1
    assert ran.err.startswith("payload: not JSON")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b'{"n": 1.10}')))
    assert run("jobs", "retry", claim.id, "--payload", "-").code == 0
    [envelope] = kit.reader.envelopes([claim.id])
    assert envelope is not None
    assert envelope.payload == b'{"n": 1.10}'
    assert entries()[-1] == (ME, "job.edit_payload", claim.id)


def test_jobs_that_match_are_cancelled_at_once(kit, crew):
    meant, other = kit.enqueue_many(300, type="mail"), kit.enqueue_many(2)
    over = kit.enqueue(type="mail")
    kit.operator.cancel([over])
    ran = run("jobs", "cancel", "--type", "mail", "--yes", "--reason", "wrong text")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Cancelled 300 jobs in ")
    assert set(kit.states(meant)) == {State.CANCELLED}
    assert set(kit.states(other)) == {State.PENDING}
    assert entries() == [(ME, "jobs.operation", "")]
    [operation] = kit.store.operations.latest(1)
    assert (operation.started_by, operation.reason) == (ME, "wrong text")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give either job ids, or filters, or --all"),
        (["x", "--type", "mail"], "give either job ids, or filters, or --all"),
        (["x", "--all"], "give either job ids, or filters, or --all"),
        (["--all", "--type", "mail"], "give filters or --all"),
        (["--status", "completed"], "--status: such jobs are over already"),
        (["--all"], "this would cancel 1 job: to do it, give --yes"),
    ],
)
def test_what_is_not_meant_clearly_is_not_done(kit, arguments, words):
    job_id = kit.enqueue()
    ran = run("jobs", "cancel", *arguments)
    assert ran.code == 2
    assert words in ran.err
    assert kit.state(job_id) is State.PENDING
    assert entries() == []
