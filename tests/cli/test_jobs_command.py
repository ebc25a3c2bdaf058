"""`manage.py jobs cancel|retry`."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest

from jobs.states import State
from tests.cli.conftest import ME, entries, run
from tests.engine.maintenance.bulk_kit import die
from tests.support.jobs import completed, failed


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


@pytest.mark.parametrize(
    "arguments",
    [["jobs", "cancel", "-"], ["dlq", "retry", "-"], ["dlq", "delete", "-"], ["dlq", "delete", "-", "--yes"]],
)
def test_no_ids_on_standard_input_are_no_jobs_and_not_all_of_them(kit, monkeypatch, arguments):
    [dead], waiting = die(kit, 1), kit.enqueue()
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    ran = run(*arguments)
    assert (ran.out, ran.err, ran.code) == ("", "", 0)
    assert kit.states([waiting, dead]) == [State.PENDING, State.DEAD]
    assert kit.store.operations.latest(1) == []


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
