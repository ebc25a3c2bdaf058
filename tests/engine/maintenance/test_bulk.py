"""Bulk operations: a frozen set of jobs, each acted on once."""

from __future__ import annotations

import pytest

from jobs.filtering import JobFilter
from jobs.maintenance.bulk import BulkOperations
from jobs.states import State
from jobs.store.operation import Action, Status
from jobs.types import Priority
from tests.support.jobs import StoreKit, completed, failed

from .bulk_kit import DEAD, die, finished


def test_a_whole_dead_letter_queue_goes_back_in_the_order_of_its_deaths(kit: StoreKit, carry_out):
    ids = die(kit, 600)
    done = carry_out(Action.RETRY, DEAD, reason="fixed", started_by="ann")
    assert (done.status, done.total, done.done, done.failed) == (Status.DONE, 600, 600, 0)
    assert (done.reason, done.started_by) == ("fixed", "ann")
    assert done.finished >= done.created > 0
    worker = kit.worker()
    assert [claim.id for _ in range(3) for claim in kit.claim(worker, 250)] == ids


def test_what_dies_later_is_not_meant(kit: StoreKit, bulk: BulkOperations):
    ids = die(kit, 3)
    made = kit.store.operations.open(Action.RETRY, DEAD)
    later = die(kit, 2)
    done = finished(kit, bulk, made.id)
    assert (done.total, done.done) == (3, 3)
    assert set(kit.states(ids)) == {State.PENDING}
    assert set(kit.states(later)) == {State.DEAD}


def test_a_job_that_dies_again_is_not_retried_again(kit: StoreKit, bulk: BulkOperations):
    die(kit, 1)
    made = kit.store.operations.open(Action.RETRY, DEAD, rate=1)
    bulk.run_once()
    worker = kit.worker()
    (claim,) = kit.claim(worker)
    worker.fail([failed(claim, final=True)])
    assert finished(kit, bulk, made.id).done == 1
    assert kit.state(claim.id) is State.DEAD


@pytest.mark.parametrize("criterion", ["types", "fingerprints"])
def test_the_total_of_one_index_is_known_at_once(kit: StoreKit, carry_out, criterion: str):
    meant, other = die(kit, 5, "left", type="mail"), die(kit, 4, "right", type="order")
    types = ("mail",) if criterion == "types" else ()
    fingerprints = (kit.record(meant[0]).fingerprint,) if criterion == "fingerprints" else ()
    wanted = JobFilter(states=(State.DEAD,), types=types, fingerprints=fingerprints)
    asked = kit.store.operations.open(Action.DELETE, wanted, rate=0.001)
    assert (asked.total, asked.status) == (5, Status.RUNNING)
    kit.store.operations.abort(asked.id)
    assert carry_out(Action.DELETE, wanted).done == 5
    assert set(kit.states(meant)) == {None}
    assert set(kit.states(other)) == {State.DEAD}


def test_jobs_are_counted_first_where_only_a_search_tells(kit: StoreKit, carry_out):
    meant = die(kit, 300, payload=b'{"customer": "M\\u00fcller"}')
    other = die(kit, 300, payload=b'{"customer": "Meier"}')
    wanted = JobFilter(states=(State.DEAD,), text="müller")
    asked = kit.store.operations.open(Action.RETRY, wanted, rate=0.001)
    assert (asked.total, asked.status) == (None, Status.COUNTING)
    kit.store.operations.abort(asked.id)
    done = carry_out(Action.RETRY, wanted)
    assert (done.total, done.done) == (300, 300)
    assert set(kit.states(meant)) == {State.PENDING}
    assert set(kit.states(other)) == {State.DEAD}


def test_a_taken_deduplication_key_is_told_once(kit: StoreKit, carry_out):
    (first,) = die(kit, 1, deduplication_key="k")
    holder = kit.enqueue(deduplication_key="k", queue="other")
    others = die(kit, 3)
    done = carry_out(Action.RETRY, DEAD)
    assert (done.status, done.done, done.failed) == (Status.DONE, 3, 1)
    (sample,) = done.samples
    assert (sample.job_id, sample.code) == (first, "duplicate_job")
    assert holder in sample.detail
    assert kit.states([first, *others]) == [State.DEAD, *[State.PENDING] * 3]


def test_given_ids_are_all_that_is_meant(kit: StoreKit, carry_out):
    ids = die(kit, 4)
    pending = kit.enqueue(queue="other")
    done = carry_out(Action.RETRY, JobFilter(states=(State.DEAD,), ids=(ids[2], "nobody", ids[0], pending, ids[2])))
    assert (done.total, done.done, done.failed, done.given, done.breadth) == (2, 2, 2, 4, 4)
    assert {sample.job_id for sample in done.samples} == {"nobody", pending}
    assert kit.states(ids) == [State.PENDING, State.DEAD, State.PENDING, State.DEAD]


def test_samples_of_errors_are_few(kit: StoreKit, carry_out):
    done = carry_out(Action.DELETE, JobFilter(states=(State.DEAD,), ids=tuple(f"no-{n}" for n in range(300))))
    assert (done.failed, len(done.samples)) == (300, 20)


def test_retries_can_go_to_another_queue(kit: StoreKit, carry_out):
    ids = die(kit, 2)
    carry_out(Action.RETRY, DEAD, queue="repairs")
    assert [claim.id for claim in kit.claim(kit.worker(), 5, "repairs")] == ids


def test_purging_empties_a_queue_of_what_waited_then(kit: StoreKit, bulk: BulkOperations):
    running = kit.claimed(queue="mail")
    gone = [
        kit.enqueue(queue="mail"), kit.enqueue(queue="mail", priority=Priority.HIGH, deduplication_key="k"),
        kit.enqueue(queue="mail", delay_ms=60_000),
    ]  # fmt: skip
    stays = [running.id, kit.enqueue()]
    made = kit.store.operations.open(Action.PURGE, JobFilter(queues=("mail",)))
    stays.append(kit.enqueue(queue="mail"))
    done = finished(kit, bulk, made.id)
    assert (done.total, done.done) == (3, 3)
    assert set(kit.states(gone)) == {None}
    assert kit.states(stays) == [State.ACTIVE, State.PENDING, State.PENDING]
    assert kit.reader.totals()["purged"] == 3


def test_a_promoted_job_is_purged_by_the_time_it_was_made(kit: StoreKit, bulk: BulkOperations):
    job_id = kit.enqueue(delay_ms=1000)
    made = kit.store.operations.open(Action.PURGE, JobFilter(queues=("default",)))
    kit.advance(2000)
    assert kit.promote() == [job_id]
    assert finished(kit, bulk, made.id).done == 1


def test_cancelling_ends_waiting_jobs_and_asks_for_the_end_of_active_ones(kit: StoreKit, carry_out):
    worker = kit.worker()
    active = kit.claimed(worker)
    waiting = [kit.enqueue(), kit.enqueue(delay_ms=60_000)]
    done = carry_out(Action.CANCEL, JobFilter(types=("echo",)), reason="not wanted")
    assert done.done == 3
    assert kit.states(waiting) == [State.CANCELLED, State.CANCELLED]
    assert kit.record(active.id).cancelling == 1
    assert kit.record(waiting[0]).error == "not wanted"


def test_many_jobs_due_at_one_instant_are_all_met_once(kit: StoreKit, carry_out):
    due = kit.reader.now_ms() + 3_600_000
    meant = kit.enqueue_many(600, due_ms=due, type="meant")
    other = kit.enqueue_many(600, due_ms=due, type="other")
    done = carry_out(Action.CANCEL, JobFilter(types=("meant",)))
    assert (done.total, done.done, done.failed) == (600, 600, 0)
    assert set(kit.states(meant)) == {State.CANCELLED}
    assert set(kit.states(other)) == {State.SCHEDULED}


def test_what_was_run_now_and_retries_is_not_run_now_again(kit: StoreKit, bulk: BulkOperations):
    job_id = kit.enqueue(delay_ms=3_600_000)
    kit.enqueue(delay_ms=7_200_000)
    made = kit.store.operations.open(Action.RUN_NOW, JobFilter(), rate=50)
    while kit.state(job_id) is not State.PENDING:
        bulk.run_once()
    kit.advance(1000)
    worker = kit.worker()
    (claim,) = [each for each in kit.claim(worker, 5) if each.id == job_id]
    worker.fail([failed(claim, delay_ms=5_000_000)])
    assert finished(kit, bulk, made.id).done == 2
    assert kit.state(job_id) is State.RETRYING


def test_deleting_everything_spares_what_runs_and_takes_what_cannot_be_read(kit: StoreKit, carry_out):
    worker = kit.worker()
    done_job = kit.claimed(worker)
    worker.complete([completed(done_job)])
    gone = [done_job.id, *die(kit, 2), kit.enqueue(), kit.enqueue(delay_ms=60_000)]
    broken = die(kit, 1, queue="other")[0]
    kit.client.call("HSET", kit.keys.metadata, broken, b"\xc1garbage")
    running = kit.claimed(worker, queue="third")
    done = carry_out(Action.DELETE, JobFilter())
    assert (done.status, done.total, done.done) == (Status.DONE, 6, 6)
    assert set(kit.states(gone)) == {None}
    assert kit.client.call("HEXISTS", kit.keys.metadata, broken) == 0
    assert kit.state(running.id) is State.ACTIVE


def test_an_operation_on_nothing_is_done(carry_out):
    done = carry_out(Action.RETRY, JobFilter(states=(State.COMPLETED,)))
    assert (done.status, done.total, done.done) == (Status.DONE, 0, 0)
