"""Handlers that attack their worker: their job ends, the worker and the jobs beside it go on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jobs.states import State
from tests.engine.pools import HANDLERS, Pool
from tests.engine.stage import Stage, result

VALUES = [130775545883395173, 12345678901234567890123, 1.0, [], {}, "007"]


@pytest.fixture(scope="module")
def pool(module_stage: Stage) -> Iterator[Pool]:
    """Give a pool of one worker with two slots."""
    handlers = f"{HANDLERS},tests.engine.hostile_handlers"
    with module_stage.pool("--max", "1", "--concurrency", "2", QUEUEFLOW_HANDLERS=handlers) as pool:
        yield pool.await_ready(1)


def pids(pool: Pool) -> set[int]:
    return {process.pid for process in pool.descendants()}


@pytest.mark.parametrize("job_type", ["untouchable", "untouchable-async"])
def test_an_error_that_cannot_be_looked_at_fails_its_job_only(module_stage: Stage, pool: Pool, job_type: str) -> None:
    before = pids(pool)
    job = module_stage.run(job_type, max_retries=0)
    assert job.record is not None
    assert job.record.state is State.DEAD
    assert module_stage.run("noop").record.state is State.COMPLETED  # type: ignore[union-attr]
    assert pids(pool) == before


def test_a_reason_that_is_no_text_is_kept_as_text(module_stage: Stage, pool: Pool) -> None:
    before = pids(pool)
    discarded = module_stage.run("surrogate", "discard").record
    assert discarded is not None
    assert discarded.state is State.CANCELLED
    assert discarded.error.startswith("why ")
    snoozed = module_stage.run("surrogate", "snooze").record
    assert snoozed is not None
    assert (snoozed.state, snoozed.snoozes) == (State.COMPLETED, 1)
    assert pids(pool) == before


def test_tasks_that_are_cancelled_before_they_begin_run_all_the_same(module_stage: Stage, pool: Pool) -> None:
    ids = [
        job_id for _ in range(20) for job_id in (module_stage.enqueue("cancel-all"), module_stage.enqueue("bystander"))
    ]
    for job_id in ids:
        job = module_stage.settled(job_id)
        assert job.record is not None
        assert job.record.state in (State.COMPLETED, State.DEAD)


def test_values_survive_delay_retry_and_retry_from_the_dead_letter_queue(module_stage: Stage, pool: Pool) -> None:
    delayed = module_stage.run("echo", VALUES, delay_ms=30)
    retried = module_stage.enqueue("flaky-echo", VALUES, max_retries=1)
    module_stage.reached(retried, State.RETRYING)
    module_stage.store.operator.run_now([retried])
    buried = module_stage.run("flaky-echo", VALUES, max_retries=0)
    assert buried.record is not None
    assert buried.record.state is State.DEAD
    module_stage.store.operator.retry([buried.id])
    again = module_stage.reached(buried.id, State.COMPLETED)
    for job in (delayed, module_stage.settled(retried), again):
        back = result(job)
        assert back == VALUES
        assert [type(value) for value in back] == [type(value) for value in VALUES]
