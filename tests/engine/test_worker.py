"""One worker, every way in which a job can end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.states import State
from jobs.types import Envelope, JobRequest
from tests.engine.pools import Pool
from tests.engine.stage import Stage, result
from tests.support.polling import wait_until

pytestmark = pytest.mark.usefixtures("running_pool")

VALUES = [130775545883395173, 12345678901234567890123, 1.0, [], {}, "007", None, True, "ü\u0000\U0001f600"]


def test_what_goes_in_comes_out(module_stage: Stage) -> None:
    job = module_stage.run("echo", {"values": VALUES})
    assert job.record is not None
    assert job.record.state is State.COMPLETED
    assert (back := result(job)["values"]) == VALUES
    assert [type(value) for value in back] == [type(value) for value in VALUES]


@pytest.mark.parametrize("job_type", ["noop", "noop-async"])
def test_nothing_returned_is_an_empty_result(module_stage: Stage, job_type: str) -> None:
    job = module_stage.run(job_type)
    assert job.record is not None
    assert (job.record.state, job.result, job.record.attempts) == (State.COMPLETED, None, 1)


@pytest.mark.parametrize("kind", ["raises", "raises-async"])
@pytest.mark.parametrize(
    ("what", "error_type"),
    [
        ("ValueError", "ValueError"),
        ("SystemExit", "SystemExit"),
        ("KeyboardInterrupt", "KeyboardInterrupt"),
        ("GeneratorExit", "GeneratorExit"),
        ("Unspeakable", "Unspeakable"),
        ("ExceptionGroup", "ExceptionGroup"),
        ("BadSnooze", "ValueError"),
    ],
)
def test_whatever_a_handler_raises_fails_its_job_only(
    module_stage: Stage, running_pool: Pool, kind: str, what: str, error_type: str
) -> None:
    before = {process.pid for process in running_pool.descendants()}
    job = module_stage.run(kind, what, max_retries=0)
    assert job.record is not None
    assert job.record.state is State.DEAD
    assert [entry.error_type for entry in job.history] == [error_type]
    assert "handlers_for_tests" in job.history[0].traceback or what == "BadSnooze"
    assert {process.pid for process in running_pool.descendants()} == before


@pytest.mark.parametrize("kind", ["raises", "raises-async"])
def test_retry_spends_the_attempt_and_snooze_does_not(module_stage: Stage, kind: str) -> None:
    again = module_stage.run(kind, "Retry", max_retries=1).record
    assert again is not None
    assert (again.state, again.attempts, again.executions) == (State.COMPLETED, 2, 2)
    later = module_stage.run(kind, "Snooze", max_retries=0).record
    assert later is not None
    assert (later.state, later.attempts, later.executions, later.snoozes) == (State.COMPLETED, 1, 2, 1)


def test_discard_cancels(module_stage: Stage) -> None:
    job = module_stage.run("raises", "Discard")
    assert job.record is not None
    assert (job.record.state, job.record.error) == (State.CANCELLED, "not wanted")


@pytest.mark.parametrize("what", ["object", "nan", "large"])
def test_a_result_that_cannot_be_kept_is_not_run_again(module_stage: Stage, what: str) -> None:
    job = module_stage.run("returns", what, max_retries=3)
    assert job.record is not None
    assert (job.record.state, job.record.executions) == (State.DEAD, 1)
    assert job.history[0].error_type == "ResultNotSerializable"


def test_a_payload_that_does_not_fit_its_handler_is_not_run_again(module_stage: Stage) -> None:
    job = module_stage.run("typed", {"a": "x"}, max_retries=3)
    assert job.record is not None
    assert (job.record.state, job.record.executions) == (State.DEAD, 1)
    assert job.history[0].error_type == "InvalidJob"


def test_an_unreadable_envelope_is_one_dead_job(module_stage: Stage) -> None:
    store = module_stage.store
    store.operator.pause("broken")
    job_id = module_stage.enqueue("noop", queue="default", delay_ms=300)
    store.client.call("HSET", store.keys.data, job_id, b"\xc1 no msgpack")
    job = module_stage.settled(job_id)
    assert job.record is not None
    assert (job.record.state, job.record.executions) == (State.DEAD, 1)
    assert job.history[0].error_type == "UnreadableRecord"


def test_a_type_that_nobody_knows_is_parked_and_then_dead(module_stage: Stage) -> None:
    job_id = module_stage.enqueue("never-heard-of", max_retries=0)
    parked = module_stage.reached(job_id, State.SCHEDULED).record
    assert parked is not None
    assert parked.attempts == 0
    job = module_stage.settled(job_id)
    assert job.record is not None
    assert job.record.state is State.DEAD
    assert job.record.executions > 1
    assert job.history[-1].error_type == "UnknownJobType"


@pytest.mark.parametrize("job_type", ["database", "database-async"])
def test_handlers_may_use_the_database(module_stage: Stage, job_type: str) -> None:
    jobs = [module_stage.enqueue(job_type) for _ in range(20)]
    assert [result(module_stage.settled(job_id)) for job_id in jobs] == [42] * 20


@pytest.mark.parametrize(
    ("name", "address"),
    [("admin:scaling_scalingpolicy_changelist", "/admin/scaling/scalingpolicy/"), ("queues", "/queues/")],
)
def test_a_handler_may_name_pages_though_its_process_serves_none(module_stage: Stage, name: str, address: str) -> None:
    assert result(module_stage.run("address", name)) == address


def test_a_handler_may_enqueue(module_stage: Stage) -> None:
    follow_up = result(module_stage.run("enqueues"))
    assert module_stage.settled(follow_up).record is not None


def test_a_worker_has_at_most_three_connections(module_stage: Stage, running_pool: Pool) -> None:
    module_stage.run("enqueues")
    ours = {process.pid for process in running_pool.descendants()}
    worker = {seen.info.pid for seen in module_stage.store.registry.workers() if seen.alive} & ours
    (pid,) = worker
    with module_stage.server.client() as client:
        ports = {row["addr"] for row in client.client_list()}
    import psutil

    own = {f"{c.laddr.ip}:{c.laddr.port}" for c in psutil.Process(pid).net_connections(kind="tcp")}
    assert 1 <= len(ports & own) <= 3


def test_a_fork_that_comes_back_ends_quietly(module_stage: Stage) -> None:
    job = module_stage.run("returns-from-fork")
    assert result(job) == "child ended with 0"
    assert job.record is not None
    assert job.record.executions == 1


def test_progress_and_log_are_kept(module_stage: Stage) -> None:
    job = module_stage.run("reports", {"steps": 300})
    assert job.progress is not None
    assert json.loads(job.progress) == {"percent": 99.667, "message": "step 299"}
    assert job.log == [f"line {step}" for step in range(100, 300)]


def test_what_handlers_measure_is_kept_once(module_stage: Stage) -> None:
    module_stage.run("measures", {"values": [1, 2.5]})
    module_stage.run("measures", {"values": [4]})

    def measured() -> dict[str, float]:
        [figures] = module_stage.store.metrics.types({"measures": 0}).values()
        found = {each.name: each.value for each in figures.measures if each.labels in ({}, {"table": "orders"})}
        return found if found.get("rows_total", 0) >= 7.5 else {}

    assert wait_until(measured) == {"rows_total": 7.5, "depth": 4.0}


def test_every_line_about_a_job_says_which(module_stage: Stage, running_pool: Pool) -> None:
    job_id = module_stage.enqueue("reports", {"steps": 2})
    module_stage.settled(job_id)

    def lines() -> list[dict[str, Any]]:
        logged = [json.loads(line) for line in running_pool.output.splitlines() if line.startswith("{")]
        found = [line for line in logged if line.get("jobId") == job_id]
        return found if any(line["event"] == "settled" for line in found) else []

    found = wait_until(lines)
    assert {line["event"] for line in found} == {"a step", "done", "settled"}
    assert {(line["type"], line["attempt"]) for line in found} == {("reports", 1)}
    assert len({line["worker"] for line in found}) == 1
    assert [line["durationMs"] >= 0 for line in found if line["event"] == "settled"] == [True]


@pytest.mark.parametrize(("job_type", "payload"), [("busy", {}), ("sleep-async", {"seconds": 600})])
def test_cancelling_a_running_job_ends_it(module_stage: Stage, job_type: str, payload: object) -> None:
    job_id = module_stage.enqueue(job_type, payload)
    module_stage.reached(job_id, State.ACTIVE)
    module_stage.store.operator.cancel([job_id], "not needed")
    job = module_stage.settled(job_id, seconds=5.0)
    assert job.record is not None
    assert job.record.state is State.CANCELLED


def test_short_jobs_behind_a_long_one_are_given_back(module_stage: Stage, tmp_path: Path) -> None:
    """All slots are taken by jobs that turn out long; what was claimed ahead of them must not wait."""
    store = module_stage.store
    module_stage.await_completed(module_stage.enqueue_many(200, "echo", {"seconds": 0}))
    store.operator.pause("default")
    slow = [module_stage.request("sleep", {"seconds": 1.0}) for _ in range(5)]
    quick = [module_stage.request("echo") for _ in range(50)]
    store.producer.enqueue([*slow, *quick])
    store.operator.resume("default")
    wait_until(lambda: module_stage.count(State.ACTIVE) == 5)
    wait_until(lambda: all(r and r.state is State.COMPLETED for r in store.reader.records([q.id for q in quick])))
    records = store.reader.records([made.id for made in quick])
    assert all(record and record.attempts == 1 for record in records)


def test_no_job_is_lost_while_the_store_is_away(tmp_path: Path) -> None:
    from tests.support.server import TestServer

    with TestServer(durable=True) as server:
        stage = Stage(server)
        with stage.pool("--max", "1") as pool:
            pool.await_ready(1)
            running = stage.enqueue("sleep", {"seconds": 1.0, "file": str(tmp_path / "started")})
            wait_until((tmp_path / "started").exists)
            with server.away("kill"):
                wait_until(pool.misses_the_store)
            stage.store.close()
            assert result(stage.settled(running)) == "slept"
            assert stage.settled(running).record.executions == 1  # type: ignore[union-attr]
            assert stage.run("echo", 1).record is not None


def test_a_retry_waits_for_its_own_backoff(module_stage: Stage) -> None:
    from jobs.backoff import Backoff

    made = JobRequest(
        id="own-backoff",
        type="raises",
        envelope=Envelope(b'"ValueError"', 1000, Backoff(600, 1, 600, 0)),
        max_retries=1,
    )
    module_stage.store.producer.enqueue([made])
    job = module_stage.reached(made.id, State.RETRYING)
    assert job.record is not None
    assert 595_000 < job.record.ready - job.history[0].ended <= 605_000
