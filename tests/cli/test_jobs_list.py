"""`manage.py jobs list|show`."""

from __future__ import annotations

import json

import msgspec
import pytest

from jobs.filtering import JobFilter
from jobs.inspector import Inspector
from jobs.types import Failure, Priority
from tests.cli.conftest import run
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
    for ago in ("3h", "999999999d"):
        assert ids(run("jobs", "list", "--json", "--created-after", ago)) == [new, old]


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
