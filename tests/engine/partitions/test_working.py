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
from tests.engine.pools import Pool
from tests.support.polling import wait_until

PARTITIONS = range(3)


@pytest.fixture(autouse=True)
def _pool(running_pool: Pool) -> None:
    """Let the module's pool work."""


def test_jobs_of_all_partitions_are_completed_once(module_ground: Ground) -> None:
    ids = [job_id for at in PARTITIONS for job_id in module_ground.enqueue_many(at, 300, "noop")]
    module_ground.completes(ids)
    assert {record.executions for record in module_ground.records(ids)} == {1}
    assert module_ground.findings() == []


def test_an_idle_worker_starts_a_job_at_once_in_each_partition(module_ground: Ground) -> None:
    for at in PARTITIONS:
        ids = []
        for _ in range(30):
            ids.append(module_ground.enqueue(at, "noop"))
            module_ground.completes(ids[-1:])
        assert median(record.claimed - record.ready_at for record in module_ground.records(ids)) <= 20


def test_delayed_jobs_start_on_time_in_each_partition(module_ground: Ground) -> None:
    ids = [module_ground.enqueue(at, "noop", delay_ms=300 + 100 * at) for at in PARTITIONS]
    module_ground.completes(ids)
    for at, record in enumerate(module_ground.records(ids)):
        assert record.claimed - record.created >= 300 + 100 * at
        assert record.claimed - record.ready_at <= 500


@pytest.mark.parametrize("why", ["Retry", "Snooze"])
def test_jobs_that_are_put_off_run_again_on_time_in_each_partition(module_ground: Ground, why: str) -> None:
    ids = [module_ground.enqueue(at, "raises", why) for at in PARTITIONS]
    module_ground.completes(ids)
    for record in module_ground.records(ids):
        assert record.executions == 2
        assert 0 <= record.claimed - record.ready_at <= 500


def test_a_job_of_an_unknown_type_dies_in_each_partition(module_ground: Ground) -> None:
    ids = [module_ground.enqueue(at, "nobody-knows", max_retries=0) for at in PARTITIONS]
    module_ground.reaches(ids, State.DEAD)
    assert [record.error.partition(":")[0] for record in module_ground.records(ids)] == ["UnknownJobType"] * 3


def test_a_running_job_is_cancelled_in_each_partition(module_ground: Ground) -> None:
    for at in PARTITIONS:
        job_id = module_ground.enqueue(at, "busy")
        module_ground.reaches([job_id], State.ACTIVE)
        module_ground.store.operator.cancel([job_id])
        module_ground.reaches([job_id], State.CANCELLED, seconds=5)


def test_a_job_that_overruns_is_told_to_end_in_each_partition(module_ground: Ground) -> None:
    ids = [module_ground.enqueue(at, "busy", timeout=0.2, max_retries=0) for at in PARTITIONS]
    module_ground.reaches(ids, State.DEAD)
    assert [record.error.partition(":")[0] for record in module_ground.records(ids)] == ["JobTimeout"] * 3


def test_what_jobs_say_of_themselves_is_kept_in_their_partitions(module_ground: Ground) -> None:
    ids = [module_ground.enqueue(at, "reports", {"steps": 3}) for at in PARTITIONS]
    module_ground.completes(ids)
    for job_id in ids:
        job = module_ground.store.reader.job(job_id)
        assert json.loads(job.progress or b"{}")["message"] == "step 2"
        assert [line for line in job.log if line.startswith("line")] == ["line 0", "line 1", "line 2"]


def test_what_handlers_measure_is_counted_once_for_all_partitions(module_ground: Ground) -> None:
    ids = [module_ground.enqueue(at, "measures", {"values": [2, 3]}) for at in PARTITIONS]
    module_ground.completes(ids)
    home = module_ground.parts[0]

    def counted() -> float:
        found = home.client.call("HGETALL", home.keys.measures("measures"))
        return sum(float(found[at + 1]) for at in range(0, len(found), 2) if b"rows_total" in found[at])

    wait_until(lambda: counted() == 15.0)


def test_the_worker_is_told_of_once_with_all_that_it_runs(module_ground: Ground) -> None:
    ids = [module_ground.enqueue(at, "sleep", {"seconds": 1.2}) for at in PARTITIONS]

    def running() -> bool:
        [seen] = [each for each in module_ground.store.registry.workers() if each.alive]
        return {job_id for job_id, *_ in seen.info.running} == {*ids}

    wait_until(running)
    assert [part.registry.workers() for part in module_ground.parts[1:]] == [[], []]
    module_ground.completes(ids)


def test_where_a_job_is_can_be_asked_in_each_partition(module_ground: Ground) -> None:
    for at in PARTITIONS:
        job_id = module_ground.enqueue(at, "sleep", {"seconds": 0.8})
        module_ground.reaches([job_id], State.ACTIVE)
        assert "time.sleep" in stack_of(module_ground.store, job_id).lines[-1]


def test_an_order_to_drain_is_heard_from_each_partition(module_ground: Ground) -> None:
    def worker() -> str:
        found = [seen.info.id for seen in module_ground.store.registry.workers() if seen.alive]
        return found[0] if len(found) == 1 else ""

    def replaced(before: str) -> bool:
        return worker() not in ("", before)

    for part in module_ground.parts[1:]:
        before = wait_until(worker)
        part.operator.order(before, "drain")
        wait_until(partial(replaced, before))


def test_each_partition_has_leaders_of_its_own(module_ground: Ground) -> None:
    names = {plan.name for plan in plans(Config()) if plan.led}

    def led() -> bool:
        found = [part.keeper.leaders([*names]).keys() for part in module_ground.parts]
        return found == [names, OF_EACH, OF_EACH]

    wait_until(led)
