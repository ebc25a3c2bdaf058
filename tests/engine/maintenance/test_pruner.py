"""Retention: finished jobs go by age, number and bytes, dead ones only beyond their cap; nothing else ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobs.maintenance.pruner import NAME, Pruner
from jobs.states import State
from jobs.store.fencing import NotLeading
from tests.support.jobs import StoreKit, completed, failed

from .conftest import Lead, depose

DAY_MS = 86_400_000
Prune = Callable[[], int]


@pytest.fixture
def pruner_of(lead: Lead) -> Callable[[StoreKit], Prune]:
    """Return a function that makes a pruner which runs until there is nothing left to do."""

    def make(kit: StoreKit) -> Prune:
        pruner = Pruner(kit.store, lead(kit, NAME))

        def prune() -> int:
            done = 0
            while True:
                result = pruner.run_once()
                done += result.done
                if result.again is None:
                    return done

        return prune

    return make


@pytest.fixture
def prune(kit: StoreKit, pruner_of: Callable[[StoreKit], Prune]) -> Prune:
    """Return a function that prunes the kit's store."""
    return pruner_of(kit)


def finish(kit: StoreKit, result: bytes = b"", **options) -> str:
    """The id of a job that has completed."""
    worker = kit.worker()
    claim = kit.claimed(worker, **options)
    worker.complete([completed(claim, result)])
    return claim.id


def die(kit: StoreKit, **options) -> str:
    """The id of a job that is dead."""
    worker = kit.worker()
    claim = kit.claimed(worker, **options)
    worker.fail([failed(claim, final=True)])
    return claim.id


def cancel(kit: StoreKit, **options) -> str:
    """The id of a job that is cancelled."""
    job_id = kit.enqueue(**options)
    kit.operator.cancel([job_id])
    return job_id


def test_finished_jobs_go_after_a_day(kit: StoreKit, prune: Prune):
    old = [finish(kit), cancel(kit)]
    kit.advance(DAY_MS // 2)
    young = finish(kit)
    assert prune() == 0
    kit.advance(DAY_MS // 2 + 1000)
    assert prune() == 2
    assert kit.states([*old, young]) == [None, None, State.COMPLETED]
    assert kit.reader.totals()["pruned"] == 2


def test_nothing_else_goes_by_age(kit: StoreKit, prune: Prune):
    jobs = [kit.claimed().id, kit.enqueue(), kit.enqueue(delay_ms=1), die(kit, queue="other")]
    kit.advance(100 * DAY_MS)
    assert prune() == 0
    assert None not in kit.states(jobs)


def test_a_job_keeps_its_own_retention(kit: StoreKit, prune: Prune):
    short, long = finish(kit, retention_ms=1000), finish(kit, retention_ms=10 * DAY_MS)
    kit.advance(2000)
    assert prune() == 1
    kit.advance(9 * DAY_MS)
    assert prune() == 0
    assert kit.states([short, long]) == [None, State.COMPLETED]
    kit.advance(DAY_MS)
    assert prune() == 1


def test_jobs_with_a_longer_retention_do_not_hide_older_ones(kit: StoreKit, prune: Prune):
    worker = kit.worker()
    kit.enqueue_many(300, retention_ms=10 * DAY_MS)
    worker.complete([completed(claim) for claim in kit.claim(worker, 250)])
    worker.complete([completed(claim) for claim in kit.claim(worker, 250)])
    ordinary = finish(kit)
    kit.advance(DAY_MS + 1000)
    assert prune() == 1
    assert kit.state(ordinary) is None
    later = finish(kit)
    kit.advance(DAY_MS + 1000)
    assert prune() == 1, "it goes on where it was"
    assert kit.state(later) is None


def test_cancelled_with_nothing_to_keep_go_at_once(kit: StoreKit, prune: Prune):
    job_id = cancel(kit, retention_ms=0)
    assert prune() == 1
    assert kit.state(job_id) is None


def test_the_oldest_go_when_there_are_too_many(make_kit, pruner_of):
    kit = make_kit(retention_max=3)
    jobs = [finish(kit), cancel(kit), finish(kit), cancel(kit), cancel(kit)]
    assert pruner_of(kit)() == 2
    assert kit.states(jobs[:2]) == [None, None]
    assert None not in kit.states(jobs[2:])


def test_the_oldest_go_when_they_are_too_big(make_kit, pruner_of):
    kit = make_kit(retention_max_bytes=250_000)
    jobs = [cancel(kit, payload=b'"' + b"x" * 100_000 + b'"') for _ in range(4)]
    assert pruner_of(kit)() == 2
    assert kit.states(jobs) == [None, None, State.CANCELLED, State.CANCELLED]
    assert kit.reader.gauges()["retained_bytes"] < 250_000


def test_dead_jobs_stay_without_a_cap(kit: StoreKit, prune: Prune):
    jobs = [die(kit) for _ in range(3)]
    kit.advance(1000 * DAY_MS)
    assert prune() == 0
    assert None not in kit.states(jobs)


def test_the_oldest_dead_go_beyond_the_cap(make_kit, pruner_of):
    kit = make_kit(dlq_max=2)
    jobs = [die(kit) for _ in range(5)]
    broken = kit.enqueue()
    kit.client.call("HSET", kit.keys.metadata, broken, b"\xc1garbage")
    kit.client.call("ZADD", kit.keys.dlq, 1, broken)
    assert pruner_of(kit)() == 4
    assert kit.states(jobs) == [None, None, None, State.DEAD, State.DEAD]
    assert kit.client.call("HEXISTS", kit.keys.metadata, broken) == 0
    assert kit.reader.totals()["pruned"] == 4
    (group,) = kit.reader.groups().values()
    assert group.count == 2


def test_entries_without_a_readable_record_are_cleared_away(kit: StoreKit, prune: Prune):
    broken, ghost, short = finish(kit), finish(kit), finish(kit, retention_ms=1000)
    kit.client.call("HSET", kit.keys.metadata, broken, b"\xc1garbage")
    kit.client.call("HDEL", kit.keys.metadata, ghost, short)
    kit.advance(DAY_MS + 1000)
    assert prune() >= 1
    assert kit.client.call("ZCARD", kit.keys.completed) == kit.client.call("ZCARD", kit.keys.expiring) == 0
    assert kit.client.call("HEXISTS", kit.keys.metadata, broken) == 0


def test_a_deposed_pruner_stops(kit: StoreKit, prune: Prune, lead: Lead):
    job_id = finish(kit)
    kit.advance(2 * DAY_MS)
    depose(kit, NAME)
    lead(kit, NAME, "two")
    with pytest.raises(NotLeading):
        prune()
    assert kit.state(job_id) is State.COMPLETED
