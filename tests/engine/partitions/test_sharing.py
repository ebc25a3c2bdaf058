"""Claims are shared fairly between partitions, and nothing is claimed that finds no slot."""

from __future__ import annotations

import pytest

from tests.engine.partitions.ground import Ground

PARTITIONS = range(3)


@pytest.mark.parametrize(("job_type", "payload", "jobs"), [("noop", None, 3000), ("sleep", {"seconds": 0.01}, 150)])
def test_partitions_that_all_have_work_get_equal_shares(
    ground: Ground, job_type: str, payload: object, jobs: int
) -> None:
    ids = [ground.enqueue_many(at, jobs, job_type, payload) for at in PARTITIONS]
    with ground.pool("--max", "1"):
        for some in ids:
            ground.completes(some)
    found = [ground.records(some) for some in ids]
    ends = sorted(record.finished for records in found for record in records)
    middle = ends[len(ends) // 2]
    for records in found:
        assert abs(sum(record.finished <= middle for record in records) - jobs / 2) <= jobs / 10
        assert sum(record.releases for record in records) <= jobs / 50
    assert ground.findings() == []


def test_a_busy_partition_leaves_slots_to_one_that_has_a_job_now_and_then(ground: Ground) -> None:
    many = ground.enqueue_many(0, 40, "sleep", {"seconds": 0.1})
    with ground.pool("--max", "1", "--concurrency", "2"):
        ground.completes(many[:2])
        single = ground.enqueue(2, "noop")
        ground.completes([single])
        assert sum(record.finished > 0 for record in ground.records(many)) < 30
        ground.completes(many)
    assert sum(record.releases for record in ground.records(many)) <= 2
