"""Bulk operations on held jobs, and the duty that goes on with resumes."""

from __future__ import annotations

import pytest

from jobs.auditor import audit
from jobs.clock import SystemClock
from jobs.filtering import JobFilter
from jobs.maintenance import resumer
from jobs.maintenance.bulk import BulkOperations
from jobs.maintenance.pace import Pace
from jobs.maintenance.resumer import Resumer
from jobs.maintenance.runner import Plan
from jobs.states import State
from jobs.store.operation import Action
from tests.support.jobs import StoreKit
from tests.support.polling import wait_until

from .bulk_kit import CarryOut, finished
from .conftest import Lead, MakeRunner


def half_held(kit: StoreKit, count: int = 300, **options: object) -> list[str]:
    """Enqueue jobs of a type that is paused; half of them stand in the queue still, where no claim has met them."""
    ids = kit.enqueue_many(count, **options)
    kit.type_pauses.pause("echo")
    return ids + kit.enqueue_many(count, **options)


@pytest.mark.parametrize("wanted", [JobFilter(types=("echo",)), JobFilter(states=(State.PENDING,), queues=("mail",))])
@pytest.mark.parametrize("action", [Action.CANCEL, Action.DELETE])
def test_held_jobs_are_cancelled_and_deleted_with_the_others(
    kit: StoreKit, carry_out: CarryOut, action: Action, wanted: JobFilter
) -> None:
    ids = half_held(kit, queue="mail")
    spared = kit.enqueue(queue="other", type="other")
    done = carry_out(action, wanted)
    assert (done.total, done.done, done.failed) == (600, 600, 0)
    assert set(kit.states(ids)) == {State.CANCELLED if action is Action.CANCEL else None}
    assert kit.state(spared) is State.PENDING
    assert kit.type_pauses.all()["echo"].held == 0
    assert audit(kit.store).clean


def test_a_purge_takes_the_held_jobs_of_its_queue_only(kit: StoreKit, carry_out: CarryOut) -> None:
    half_held(kit, queue="mail")
    spared = kit.enqueue_many(3, queue="reports")
    assert carry_out(Action.PURGE, JobFilter(queues=("mail",))).done == 600
    assert kit.reader.totals()["purged"] == 600
    assert set(kit.states(spared)) == {State.PENDING}
    assert audit(kit.store).clean


def test_given_ids_are_found_wherever_they_wait(kit: StoreKit, carry_out: CarryOut) -> None:
    ids = half_held(kit)
    assert carry_out(Action.CANCEL, JobFilter(ids=(ids[0], ids[-1]))).done == 2
    assert audit(kit.store).clean


@pytest.mark.parametrize("wanted", [JobFilter(types=("echo",)), JobFilter(states=(State.PENDING,))])
def test_jobs_that_are_put_apart_while_an_operation_goes_on_are_not_missed(
    kit: StoreKit, bulk: BulkOperations, wanted: JobFilter
) -> None:
    ids = kit.enqueue_many(600)
    made = kit.store.operations.open(Action.CANCEL, wanted, rate=1)
    for _ in range(3):  # it counts, and begins with the first job
        bulk.run_once()
    kit.type_pauses.pause("echo")
    worker = kit.worker()
    while kit.type_pauses.all()["echo"].held < 590:
        assert kit.claim(worker, 5) == []
    bulk._paces[made.id] = Pace(0.0, SystemClock())
    assert finished(kit, bulk, made.id).done == 600
    assert set(kit.states(ids)) == {State.CANCELLED}
    assert audit(kit.store).clean


def test_the_duty_goes_on_with_what_somebody_has_begun_only(kit: StoreKit, lead: Lead) -> None:
    duty = Resumer(kit.store, lead(kit, resumer.NAME))
    for job_type in ("begun", "paused"):
        kit.type_pauses.pause(job_type)
        kit.enqueue_many(600, type=job_type)
    assert duty.run_once().done == 0
    kit.type_pauses.resume("begun", 0.0)
    while duty.run_once().done:
        pass
    assert {name: pause.held for name, pause in kit.type_pauses.all().items()} == {"paused": 600}
    assert duty.run_once().again is None
    assert audit(kit.store).clean


def test_the_rest_of_a_resume_is_brought_back_without_anybody_asking(kit: StoreKit, make_runner: MakeRunner) -> None:
    kit.type_pauses.pause("echo")
    kit.enqueue_many(2000)
    make_runner(Plan(resumer.NAME, 0.01, resumer.Resumer))
    kit.type_pauses.resume("echo", 0.0)
    wait_until(lambda: not kit.type_pauses.all())
    assert kit.reader.sizes(kit.reader.pending_indexes(["default"])) == 2000
