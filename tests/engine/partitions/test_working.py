"""One worker works several partitions: what it does in each is what it does in one."""

from __future__ import annotations

import json
from functools import partial
from statistics import median

import pytest

from jobs.conf import Config
from jobs.inspection.stack import stack_of
from jobs.maintenance.crew import plans
from jobs.states import State
from jobs.store.partitions.spread import OF_EACH
from tests.engine.partitions.ground import Ground
from tests.support.polling import wait_until

PARTITIONS = range(3)


def test_jobs_of_all_partitions_are_completed_once(worked: Ground) -> None:
    ids = [job_id for at in PARTITIONS for job_id in worked.enqueue_many(at, 300, "noop")]
    worked.completes(ids)
    assert {record.executions for record in worked.records(ids)} == {1}
    assert worked.findings() == []


def test_an_idle_worker_starts_a_job_at_once_in_each_partition(worked: Ground) -> None:
    for at in PARTITIONS:
        ids = []
        for _ in range(30):
            ids.append(worked.enqueue(at, "noop"))
            worked.completes(ids[-1:])
        assert median(record.claimed - record.ready_at for record in worked.records(ids)) <= 20


def test_delayed_jobs_start_on_time_in_each_partition(worked: Ground) -> None:
    ids = [worked.enqueue(at, "noop", delay_ms=300 + 100 * at) for at in PARTITIONS]
    worked.completes(ids)
    for at, record in enumerate(worked.records(ids)):
        assert record.claimed - record.created >= 300 + 100 * at
        assert record.claimed - record.ready_at <= 500


@pytest.mark.parametrize("why", ["Retry", "Snooze"])
def test_jobs_that_are_put_off_run_again_on_time_in_each_partition(worked: Ground, why: str) -> None:
    ids = [worked.enqueue(at, "raises", why) for at in PARTITIONS]
    worked.completes(ids)
    for record in worked.records(ids):
        assert record.executions == 2
        assert 0 <= record.claimed - record.ready_at <= 500


def test_a_job_of_an_unknown_type_dies_in_each_partition(worked: Ground) -> None:
    ids = [worked.enqueue(at, "nobody-knows", max_retries=0) for at in PARTITIONS]
    worked.reaches(ids, State.DEAD)
    assert [record.error.partition(":")[0] for record in worked.records(ids)] == ["UnknownJobType"] * 3


def test_a_running_job_is_cancelled_in_each_partition(worked: Ground) -> None:
    for at in PARTITIONS:
        job_id = worked.enqueue(at, "busy")
        worked.reaches([job_id], State.ACTIVE)
        worked.store.operator.cancel([job_id])
        worked.reaches([job_id], State.CANCELLED, seconds=5)


def test_a_job_that_overruns_is_told_to_end_in_each_partition(worked: Ground) -> None:
    ids = [worked.enqueue(at, "busy", timeout=0.2, max_retries=0) for at in PARTITIONS]
    worked.reaches(ids, State.DEAD)
    assert [record.error.partition(":")[0] for record in worked.records(ids)] == ["JobTimeout"] * 3


def test_what_jobs_say_of_themselves_is_kept_in_their_partitions(worked: Ground) -> None:
    ids = [worked.enqueue(at, "reports", {"steps": 3}) for at in PARTITIONS]
    worked.completes(ids)
    for job_id in ids:
        job = worked.store.reader.job(job_id)
        assert json.loads(job.progress or b"{}")["message"] == "step 2"
        assert [line for line in job.log if line.startswith("line")] == ["line 0", "line 1", "line 2"]


def test_what_handlers_measure_is_counted_once_for_all_partitions(worked: Ground) -> None:
    ids = [worked.enqueue(at, "measures", {"values": [2, 3]}) for at in PARTITIONS]
    worked.completes(ids)
    home = worked.parts[0]

    def counted() -> float:
        found = home.client.call("HGETALL", home.keys.measures("measures"))
        return sum(float(found[at + 1]) for at in range(0, len(found), 2) if b"rows_total" in found[at])

    wait_until(lambda: counted() == 15.0)


def test_the_worker_is_told_of_once_with_all_that_it_runs(worked: Ground) -> None:
    ids = [worked.enqueue(at, "sleep", {"seconds": 1.2}) for at in PARTITIONS]

    def running() -> bool:
        [seen] = [each for each in worked.store.registry.workers() if each.alive]
        return {job_id for job_id, *_ in seen.info.running} == {*ids}

    wait_until(running)
    assert [part.registry.workers() for part in worked.parts[1:]] == [[], []]
    worked.completes(ids)


def test_where_a_job_is_can_be_asked_in_each_partition(worked: Ground) -> None:
    for at in PARTITIONS:
        job_id = worked.enqueue(at, "sleep", {"seconds": 2})
        worked.reaches([job_id], State.ACTIVE)
        wait_until(lambda: "time.sleep" in "".join(stack_of(worked.store, job_id).lines[-1:]))  # noqa: B023


def test_an_order_to_drain_is_heard_from_each_partition(worked: Ground) -> None:
    def worker() -> str:
        found = [seen.info.id for seen in worked.store.registry.workers() if seen.alive]
        return found[0] if len(found) == 1 else ""

    def replaced(before: str) -> bool:
        return worker() not in ("", before)

    for part in worked.parts[1:]:
        before = wait_until(worker)
        part.operator.order(before, "drain")
        wait_until(partial(replaced, before))


def test_each_partition_has_leaders_of_its_own(worked: Ground) -> None:
    names = {plan.name for plan in plans(Config()) if plan.led}

    def led() -> bool:
        found = [part.keeper.leaders([*names]).keys() for part in worked.parts]
        return found == [names, OF_EACH, OF_EACH]

    wait_until(led)
