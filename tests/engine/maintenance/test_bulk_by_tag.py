"""Bulk operations by tag go through the index of tags where it is the smaller one."""

from __future__ import annotations

import pytest

from jobs.filtering import JobFilter
from jobs.maintenance import bulk as bulk_duty
from jobs.maintenance.bulk import BulkOperations
from jobs.maintenance.walk import Walk
from jobs.states import State
from jobs.store.operation import Action, Operation
from tests.store.tagging import keep, keep_no_longer
from tests.support.jobs import StoreKit, completed, failed

from .bulk_kit import finished
from .conftest import Lead

VIP = JobFilter(tags=("vip",))
EITHER = JobFilter(tags=("vip", "eu"))


def operation(kit: StoreKit, operation_id: str) -> Operation:
    """An operation as it is kept."""
    found = kit.store.operations.get(operation_id)
    assert found is not None
    return found


def indexes(kit: StoreKit, operation: Operation) -> list[str]:
    """The keys of the indexes that an operation goes through."""
    return [key for _, key in Walk(kit.store, operation)._indexes]


@pytest.fixture
def tagged(kit: StoreKit) -> list[str]:
    """Return three jobs with tags among many without: the second has both."""
    keep(kit)
    kit.enqueue_many(300)
    ids = [kit.enqueue(tags=tags) for tags in (("vip",), ("eu", "vip"), ("eu",))]
    kit.enqueue_many(300)
    return ids


def test_few_jobs_with_a_tag_are_found_without_looking_at_the_others(kit: StoreKit, carry_out, tagged: list[str]):
    done = carry_out(Action.CANCEL, VIP)
    assert indexes(kit, done) == [kit.keys.tagged("vip")]
    assert (done.total, done.done, done.failed) == (2, 2, 0)
    assert kit.states(tagged) == [State.CANCELLED, State.CANCELLED, State.PENDING]


def test_a_job_with_several_of_the_tags_is_meant_once(kit: StoreKit, carry_out, tagged: list[str]):
    worker = kit.worker()
    kit.operator.delete([claim.id for claim in kit.claim(worker, 250)])
    worker = kit.worker()
    for claim in (*kit.claim(worker, 250), *kit.claim(worker, 250)):
        if claim.id not in tagged:
            worker.complete([completed(claim)])
    assert {kit.state(job_id) for job_id in tagged} == {State.ACTIVE}
    done = carry_out(Action.CANCEL, EITHER)  # an active one is flagged, and stays where it is
    assert indexes(kit, done) == [kit.keys.tagged("vip"), kit.keys.tagged("eu")]
    assert (done.total, done.done) == (3, 3)


def test_states_are_minded(kit: StoreKit, carry_out, tagged: list[str]):
    worker = kit.worker()
    dead = kit.claimed(worker, queue="q", tags=("vip",))
    worker.fail([failed(dead, final=True)])
    done = carry_out(Action.DELETE, JobFilter(tags=("vip",), states=(State.PENDING,)))
    assert (done.total, done.done) == (2, 2)
    assert kit.states([*tagged, dead.id]) == [None, None, State.PENDING, State.DEAD]


def test_what_is_made_later_is_not_meant(kit: StoreKit, bulk: BulkOperations, tagged: list[str]):
    made = kit.store.operations.open(Action.CANCEL, VIP)
    late = kit.enqueue(tags=("vip",))
    assert finished(kit, bulk, made.id).done == 2
    assert kit.state(late) is State.PENDING


def test_the_smaller_indexes_are_gone_through(kit: StoreKit, carry_out, tagged: list[str]):
    worker = kit.worker()
    dead = kit.claimed(worker, queue="q", tags=("vip",))
    worker.fail([failed(dead, final=True)])
    done = carry_out(Action.RETRY, VIP)
    assert indexes(kit, done) == [kit.keys.dlq]
    assert (done.total, done.done) == (1, 1)


def test_an_index_that_does_not_reach_far_enough_is_not_gone_through(kit: StoreKit, carry_out):
    early = [kit.enqueue(tags=("vip",)) for _ in range(3)]
    since = keep(kit)
    late = [kit.enqueue(tags=("vip",)) for _ in range(2)]
    recent = JobFilter(tags=("vip",), created_after=since // 1000 + 3_600_000)  # it is carried out too, and means none
    assert indexes(kit, kit.store.operations.open(Action.DELETE, recent)) == [kit.keys.tagged("vip")]
    done = carry_out(Action.CANCEL, VIP)
    assert kit.keys.tagged("vip") not in indexes(kit, done)
    assert done.done == 5
    assert set(kit.states([*early, *late])) == {State.CANCELLED}


@pytest.mark.parametrize("kept_at_first", [True, False])
def test_an_operation_goes_on_the_way_it_began(
    kit: StoreKit, bulk: BulkOperations, lead: Lead, tagged: list[str], kept_at_first: bool
):
    if not kept_at_first:
        keep_no_longer(kit)
    made = kit.store.operations.open(Action.CANCEL, EITHER, rate=1)
    while operation(kit, made.id).done == 0:
        bulk.run_once()
    before = operation(kit, made.id)
    if kept_at_first:
        keep_no_longer(kit)
        kit.operator.delete([tagged[1]])
        tagged.pop(1)
    else:
        kit.client.call("SET", kit.keys.tag_index, 0)
    by_tag = kit.keys.tagged("vip") in indexes(kit, before)
    assert by_tag is kept_at_first
    bulk._leadership.resign()
    other = BulkOperations(kit.store, lead(kit, bulk_duty.NAME, "other"))
    done = finished(kit, other, made.id)
    assert (done.total, done.failed) == (3, 0)
    assert set(kit.states(tagged)) == {State.CANCELLED}
