"""A handler's dependency is away: its jobs are put off, no attempt is spent, it is told for what they wait."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.inspection.figures import type_lines
from jobs.states import State
from monitoring.queue_row import queue_rows
from tests.engine.stage import Stage
from tests.support.polling import wait_until
from tests.support.server import TestServer

JOBS = 30


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Give a server of the test's own."""
    with TestServer() as server:
        yield Stage(server)


def waits_for(stage: Stage) -> dict[str, list[str]]:
    """The types that wait, and for what."""
    return {line.type: line.waiting_for for line in type_lines(stage.store) if line.waiting_for}


@pytest.mark.slow
def test_jobs_wait_for_a_dependency_without_spending_attempts_and_it_is_told(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "there"
    with stage.pool("--max", "1", QUEUEFLOW_HANDLERS="tests.engine.dependency_handlers", HEARTBEAT_SECONDS="0.2"):
        ids = stage.enqueue_many(JOBS, "needs-file", {"file": str(file)}, max_retries=3)
        wait_until(lambda: waits_for(stage) == {"needs-file": ["the file"]}, 20)
        [row] = queue_rows(stage.store.glance.figures(), stage.store.registry.workers(), {}, {})
        assert (row.cause.word, row.cause.why) == (
            "dependency",
            "Jobs are put off, no attempt spent: needs-file waiting for the file",
        )
        wait_until(lambda: sum(record.snoozes for record in stage.store.reader.records(ids) if record) > 2 * JOBS, 20)
        file.write_text("hello")
        stage.await_completed(ids)
        wait_until(lambda: waits_for(stage) == {}, 10)
    records = [record for record in stage.store.reader.records(ids) if record]
    assert stage.count(State.DEAD) == 0
    spent = sum(record.attempts - 1 for record in records)
    assert 2 <= spent <= stage.store.reader.totals()["failed"] <= 3 * JOBS
    # The jobs that found the dependency away may have done so by failing alone: those that were put off tell why.
    put_off = [job_id for job_id, record in zip(ids, records, strict=True) if record.snoozes]
    assert put_off
    for job_id in put_off:
        assert any("waiting for the file" in entry.message for entry in stage.store.reader.job(job_id).history)
