"""A job type is paused and resumed while real workers run: others go on, nobody spins, nothing changes its order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.auditor import audit
from jobs.states import State
from jobs.types import Priority
from tests.engine.pools import Pool
from tests.engine.stage import Stage
from tests.support.polling import wait_until


@pytest.fixture(scope="module")
def one_by_one(module_stage: Stage) -> Iterator[Pool]:
    """Give a pool of one worker that runs one job after the other, on two queues."""
    with module_stage.pool("--max", "1", "--concurrency", "1", "--queues", "default,mail") as pool:
        yield pool.await_ready(1)


@pytest.fixture
def busy(module_stage: Stage, one_by_one: Pool) -> Iterator[Stage]:
    """Give the stage with that pool; no type stays paused."""
    yield module_stage
    for job_type in module_stage.store.type_pauses.all():
        module_stage.store.type_pauses.resume(job_type, 60.0)


def noted(file: Path) -> list[str]:
    """The ids of the jobs that wrote into a file, in order."""
    return [line.split()[0] for line in file.read_text().splitlines()] if file.exists() else []


def scripts(stage: Stage, name: str) -> int:
    """How often the server has run a command."""
    with stage.server.client() as client:
        return int(client.info("commandstats").get(f"cmdstat_{name}", {}).get("calls", 0))


def test_jobs_of_other_types_run_while_one_is_paused_and_that_one_runs_after_its_resume(
    busy: Stage, tmp_path: Path
) -> None:
    file = tmp_path / "notes"
    store = busy.store
    assert store.type_pauses.pause("note")
    held, others = [], []
    for number in range(30):
        queue = ("default", "mail")[number % 2]
        held.append(busy.enqueue("note", {"file": str(file)}, queue=queue, priority=Priority.HIGH))
        others.append(busy.enqueue("echo", number, queue=queue))
    busy.await_completed(others)
    assert noted(file) == []
    assert {record.state for record in store.reader.records(held) if record} == {State.PENDING}
    store.type_pauses.resume("note")
    busy.await_completed(held)
    assert [job_id for job_id in noted(file) if job_id in held[::2]] == held[::2]
    assert [job_id for job_id in noted(file) if job_id in held[1::2]] == held[1::2]
    assert audit(store).clean


def test_workers_meet_a_backlog_of_a_paused_type_once(busy: Stage, tmp_path: Path) -> None:
    """It stands at the head of the queue when the type is paused, also in what a worker would claim ahead."""
    store, file = busy.store, tmp_path / "notes"
    store.operator.pause("default")
    backlog = busy.enqueue_many(3000, "note", {"file": str(file)})
    others = busy.enqueue_many(300, "echo")
    store.type_pauses.pause("note")
    store.operator.resume("default")
    busy.await_completed(others)
    assert noted(file) == []
    assert store.type_pauses.all()["note"].held == 3000
    store.type_pauses.resume("note", 60.0)
    busy.await_completed(backlog)
    assert noted(file) == backlog


def test_a_pause_reaches_workers_in_the_middle_of_their_work(busy: Stage, tmp_path: Path) -> None:
    store, file = busy.store, tmp_path / "notes"
    before = store.reader.totals().get("completed", 0)
    backlog = busy.enqueue_many(6000, "note", {"file": str(file)})
    wait_until(lambda: len(noted(file)) > 20)
    store.type_pauses.pause("note")
    wait_until(lambda: busy.count(State.ACTIVE) == 0)
    ran = len(noted(file))
    assert ran < 6000, "the pause came too late to prove anything"
    assert store.reader.totals()["completed"] - before == ran
    others = busy.enqueue_many(50, "echo")
    busy.await_completed(others)
    assert len(noted(file)) == ran
    store.type_pauses.resume("note", 60.0)
    busy.await_completed(backlog)
    assert noted(file) == backlog


def test_a_queue_of_nothing_but_paused_jobs_lets_workers_sleep(busy: Stage) -> None:
    store = busy.store
    store.type_pauses.pause("echo")
    busy.enqueue_many(1000, "echo", queue="mail")
    busy.await_completed([busy.enqueue("noop")])
    before = scripts(busy, "blpop")
    busy.enqueue_many(500, "echo", queue="mail")
    busy.await_completed([busy.enqueue("noop")])
    assert scripts(busy, "blpop") - before <= 20  # it looks again every second or two


def test_the_pool_itself_brings_the_rest_of_a_resume_back(busy: Stage) -> None:
    store = busy.store
    store.type_pauses.pause("echo")
    ids = busy.enqueue_many(3000, "echo")
    store.type_pauses.resume("echo", 0.0)
    busy.await_completed(ids)
    assert store.type_pauses.all() == {}
    assert audit(store).clean
