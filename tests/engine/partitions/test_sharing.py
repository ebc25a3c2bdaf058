"""Claims are shared fairly between partitions, and nothing is claimed that finds no slot.

Shorter jobs come later: a worker that has known a type to be short claims more of it at once.
"""

from __future__ import annotations

import pytest

from tests.engine.partitions.ground import Ground

PARTITIONS = range(3)


def test_a_busy_partition_leaves_slots_to_one_that_has_a_job_now_and_then(worked: Ground) -> None:
    many = worked.enqueue_many(0, 60, "sleep", {"seconds": 0.1})
    worked.completes(many[:2])
    worked.completes([worked.enqueue(2, "noop")])
    assert sum(record.finished > 0 for record in worked.records(many)) < 45
    worked.completes(many)
    assert sum(record.releases for record in worked.records(many)) <= 5


@pytest.mark.parametrize(("job_type", "payload", "jobs"), [("sleep", {"seconds": 0.02}, 150), ("noop", None, 3000)])
def test_partitions_that_all_have_work_get_equal_shares(
    worked: Ground, job_type: str, payload: object, jobs: int
) -> None:
    worked.store.operator.pause("default")
    ids = [worked.enqueue_many(at, jobs, job_type, payload) for at in PARTITIONS]
    worked.store.operator.resume("default")
    for some in ids:
        worked.completes(some)
    found = [worked.records(some) for some in ids]
    ends = sorted(record.finished for records in found for record in records)
    middle = ends[len(ends) // 2]
    for records in found:
        assert abs(sum(record.finished <= middle for record in records) - jobs / 2) <= jobs / 10
        assert sum(record.releases for record in records) <= jobs / 50
    assert worked.findings() == []
