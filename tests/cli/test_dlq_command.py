"""`manage.py dlq`."""

from __future__ import annotations

import json

import msgspec
import pytest
from django.db import connection

from jobs.dead_letter import DeadLetterQueue
from jobs.filtering import JobFilter
from jobs.inspection import search
from jobs.models import AuditEntry
from jobs.states import State
from jobs.store.operation import Status
from tests.cli.conftest import ME, entries, reasons, run
from tests.engine.maintenance.bulk_kit import die


def test_dead_jobs_are_listed_with_what_they_died_of(kit):
    [first], [second] = die(kit, 1, "left", type="mail"), die(kit, 1, "right")
    kit.enqueue()
    ran = run("dlq", "list")
    assert ran.lines[0].split() == ["ID", "TYPE", "QUEUE", "TRIES", "DIED", "ERROR"]
    assert [line.split()[0] for line in ran.lines[1:]] == [second, first]
    assert ran.lines[2].split()[1:4] == ["mail", "default", "1/4"]
    assert ran.lines[2].endswith("ValueError: left")
    assert [each["jobId"] for each in run("dlq", "list", "--error", "LEFT", "--json").documents] == [first]


def test_json_has_the_fields_of_the_rest_interface(kit):
    die(kit, 2)
    dlq = DeadLetterQueue(kit.store)
    assert run("dlq", "list", "--json").documents == json.loads(msgspec.json.encode(dlq.jobs(JobFilter()).items))
    assert run("dlq", "groups", "--json").documents == json.loads(msgspec.json.encode(dlq.groups()))


def test_groups_are_listed_by_size(kit):
    die(kit, 2, "left", type="mail")
    die(kit, 3, "right")
    ran = run("dlq", "groups")
    assert [line.split()[0] for line in ran.lines] == ["JOBS", "3", "2"]
    found = run("dlq", "list", "--error", ran.lines[2].split()[-1], "--json").documents
    assert {each["type"] for each in found} == {"mail"}


def test_single_jobs_are_retried_and_deleted(kit):
    ids = die(kit, 4)
    assert run("dlq", "retry", ids[0], ids[1], "--reason", "fixed").lines == [f"{job_id} retried" for job_id in ids[:2]]
    assert run("dlq", "delete", ids[2], "--yes", "--reason", "no use").lines == [f"{ids[2]} deleted"]
    assert kit.states(ids) == [State.PENDING, State.PENDING, None, State.DEAD]
    assert entries() == [(ME, "job.retry", ids[0]), (ME, "job.retry", ids[1]), (ME, "job.delete", ids[2])]
    assert reasons() == ["fixed", "fixed", "no use"]


def test_a_job_that_is_not_dead_is_not_deleted_here(kit):
    job_id = kit.enqueue()
    ran = run("dlq", "delete", job_id, "--yes")
    assert (ran.code, ran.err) == (3, f"no job {job_id}\n")
    assert kit.state(job_id) is State.PENDING


@pytest.mark.parametrize("verb", ["retry", "delete"])
def test_all_that_match_go_at_once(kit, crew, verb):
    meant, other = die(kit, 300, "left", type="mail"), die(kit, 2, "right", type="mail")
    ran = run("dlq", verb, "--type", "mail", "--error", "left", "--yes", "--reason", "fixed")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Retried 300 dead jobs in" if verb == "retry" else "Deleted 300 dead jobs in")
    assert set(kit.states(meant)) == {State.PENDING if verb == "retry" else None}
    assert set(kit.states(other)) == {State.DEAD}
    [operation] = kit.store.operations.latest(1)
    assert (operation.started_by, operation.reason) == (ME, "fixed")
    assert entries() == [(ME, "dlq.operation", "")]


def test_json_answers_with_the_operation(kit, crew):
    die(kit, 3)
    [document] = run("dlq", "retry", "--all", "--yes", "--json").documents
    assert (document["status"], document["done"], document["startedBy"]) == ("done", 3, ME)


def test_jobs_that_cannot_be_retried_are_told_and_the_exit_code_is_one(kit, crew):
    [first] = die(kit, 1, deduplication_key="k")
    die(kit, 2)
    kit.enqueue(deduplication_key="k")
    ran = run("dlq", "retry", "--all", "--yes")
    assert (ran.code, kit.state(first)) == (1, State.DEAD)
    assert ran.out.startswith("Retried 2 dead jobs in")
    assert ran.err.splitlines()[0] == "1 job had to be left alone:"
    assert ran.err.splitlines()[1].startswith(f"  {first}: ")


def test_what_dies_while_it_runs_is_spared(kit):
    die(kit, 2)
    ran = run("dlq", "retry", "--all", "--yes", "--no-wait")
    [operation] = kit.store.operations.latest(1)
    assert ran.out == f"Operation {operation.id} has been started.\n"
    assert (operation.status, operation.total, ran.code) == (Status.RUNNING, 2, 0)


def test_a_rate_is_kept(kit):
    die(kit, 2)
    run("dlq", "retry", "--all", "--yes", "--no-wait", "--rate", "0.5")
    [operation] = kit.store.operations.latest(1)
    assert operation.rate == 0.5
    for wrong in ("0", "-1", "nan", "inf", "x"):
        assert "give jobs a second" in run("dlq", "retry", "--all", "--rate", wrong).err


def test_nothing_that_matches_is_nothing_to_do(kit):
    die(kit, 1)
    ran = run("dlq", "delete", "--type", "other")
    assert (ran.code, ran.err) == (0, "No dead job matches: nothing to do.\n")
    assert kit.store.operations.latest(1) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--all"], "this would delete 700 dead jobs: to do it, give --yes"),
        (["--type", "echo"], "this would delete 700 dead jobs: to do it, give --yes"),
        (["--queue", "default"], "this would delete 500 or more dead jobs: to do it, give --yes"),
        (["--q", "nowhere"], "No dead job matches: nothing to do."),
        (["some-id", "other-id"], "this would delete 2 dead jobs: to do it, give --yes"),
    ],
)
def test_nobody_to_ask_is_a_refusal_that_says_how_much_it_is_about(kit, arguments, words):
    ids = die(kit, 700)
    ran = run("dlq", "delete", *arguments)
    assert (ran.err, ran.code) == (f"{words}\n", 0 if words.startswith("No") else 2)
    assert set(kit.states(ids[:3])) == {State.DEAD}


def test_an_estimate_of_a_long_search_says_so(kit, monkeypatch):
    monkeypatch.setattr(search, "MOST_SEARCHED", 2000)  # as far as one look goes on a slow machine
    die(kit, 2100)
    ran = run("dlq", "delete", "--tag", "nowhere")
    assert ran.err == "this would delete those of 2,100 jobs that match: to do it, give --yes\n"


def test_another_payload_is_for_single_jobs(kit):
    [job_id] = die(kit, 1)
    ran = run("dlq", "retry", "--all", "--yes", "--payload", "1")
    assert (ran.code, ran.err) == (2, "--payload: give the ids of the jobs that it is for\n")
    assert run("dlq", "retry", job_id, "--payload", "[1.0]").code == 0
    [envelope] = kit.reader.envelopes([job_id])
    assert envelope is not None
    assert envelope.payload == b"[1.0]"


def test_without_an_audit_trail_nothing_is_done(kit):
    [job_id] = die(kit, 1)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jobs_auditentry RENAME TO elsewhere")
        try:
            ran = run("dlq", "retry", job_id)
        finally:
            cursor.execute("ALTER TABLE elsewhere RENAME TO jobs_auditentry")
    assert ran.code == 1
    assert ran.err.startswith("the audit trail cannot be written")
    assert kit.state(job_id) is State.DEAD


def test_what_was_looked_for_is_not_in_the_audit_trail(kit):
    die(kit, 1)
    assert run("dlq", "retry", "--error", "hunter2-and-more", "--q", "abc", "--yes", "--no-wait").code in {0, 1}
    assert run("dlq", "retry", "--error", "boom", "--yes", "--no-wait").code == 0
    details = str(list(AuditEntry.objects.values_list("detail", flat=True)))
    assert "dead" in details
    assert "boom" not in details
    assert "hunter2" not in details
