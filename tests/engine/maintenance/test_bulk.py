"""Bulk operations: a frozen set, each job acted on once, at the asked rate, by whoever leads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobs.filtering import JobFilter
from jobs.maintenance.bulk import LOOK_SECONDS, NAME, BulkOperations
from jobs.states import State
from jobs.store.keeper import NotLeading
from jobs.store.operation import Action, Cursor, Operation, Status
from jobs.store.operations import MOST_IDS, MOST_OPEN, TooManyOperations
from jobs.types import Failure, Priority
from tests.support.jobs import StoreKit, completed, failed

from .conftest import Lead, depose

DEAD = JobFilter(states=(State.DEAD,))


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def bulk(kit: StoreKit, lead: Lead) -> BulkOperations:
    """Return the runner of operations in office."""
    return BulkOperations(kit.store, lead(kit, NAME))


@pytest.fixture
def carry_out(kit: StoreKit, bulk: BulkOperations) -> Callable[..., Operation]:
    """Return a function that asks for an operation and has it carried out."""

    def run(action: Action, wanted: JobFilter, **options) -> Operation:
        made = kit.store.operations.open(action, wanted, **options)
        return finished(kit, bulk, made.id)

    return run


def finished(kit: StoreKit, bulk: BulkOperations, operation_id: str) -> Operation:
    """The operation when it is over."""
    while True:
        bulk.run_once()
        operation = kit.store.operations.get(operation_id)
        assert operation is not None
        if operation.status.is_over:
            return operation


def die(kit: StoreKit, count: int = 1, error: str = "boom", **options) -> list[str]:
    """The ids of jobs that have died of `error`, in the order of their deaths."""
    options.setdefault("type", "echo")
    worker, ids = kit.worker(), []
    failure = Failure("ValueError", error, "", f"{abs(hash(error)):016x}"[:16])
    kit.enqueue_many(count, **options)
    while claims := kit.claim(worker, 250, options.get("queue", "default")):
        worker.fail([failed(claim, failure, final=True) for claim in claims])
        ids += [claim.id for claim in claims]
    return ids


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


def test_another_leader_goes_on_where_one_was_lost(kit: StoreKit, bulk: BulkOperations, lead: Lead):
    blocked = die(kit, 1, deduplication_key="k")
    kit.enqueue(deduplication_key="k", queue="other")
    die(kit, 40)
    made = kit.store.operations.open(Action.RETRY, DEAD, rate=100)
    assert bulk.run_once().done + 1 == 10, "the first is refused"
    depose(kit, NAME)
    second = BulkOperations(kit.store, lead(kit, NAME, "two"))
    done = finished(kit, second, made.id)
    assert (done.done, done.failed, [sample.job_id for sample in done.samples]) == (40, 1, blocked)
    assert kit.reader.totals()["retried"] == 40


def test_a_leader_lost_before_it_saved_repeats_nothing(kit: StoreKit, bulk: BulkOperations, lead: Lead, monkeypatch):
    ids = die(kit, 20)
    made = kit.store.operations.open(Action.RETRY, DEAD, rate=100)
    retry = kit.operator.retry

    def retry_and_lose(*args, **options):
        answers = retry(*args, **options)
        depose(kit, NAME)
        return answers

    monkeypatch.setattr(kit.operator, "retry", retry_and_lose)
    with pytest.raises(NotLeading):
        bulk.run_once()
    monkeypatch.undo()
    done = finished(kit, BulkOperations(kit.store, lead(kit, NAME, "two")), made.id)
    assert done.status is Status.DONE
    assert set(kit.states(ids)) == {State.PENDING}
    assert kit.reader.totals()["retried"] == 20


def test_an_abort_is_seen_at_the_next_look(kit: StoreKit, bulk: BulkOperations):
    ids = die(kit, 50)
    made = kit.store.operations.open(Action.RETRY, DEAD, rate=10)
    result = bulk.run_once()
    assert result.again is not None
    assert result.again <= LOOK_SECONDS < 1
    assert kit.store.operations.abort(made.id, "bob")
    bulk.run_once()
    done = kit.store.operations.get(made.id)
    assert done is not None
    assert (done.status, done.done, done.aborted_by) == (Status.ABORTED, 1, "bob")
    assert kit.states(ids).count(State.DEAD) == 49
    assert not kit.store.operations.abort(made.id), "it is over"


def test_the_rate_is_kept_smoothly(kit: StoreKit, lead: Lead):
    clock = HandClock()
    bulk = BulkOperations(kit.store, lead(kit, NAME), clock)
    die(kit, 300)
    kit.store.operations.open(Action.RETRY, DEAD, rate=50)
    done = []
    for _ in range(40):
        done.append(bulk.run_once().done)
        clock.seconds += 0.05
    assert sum(done) == pytest.approx(100, abs=6)
    assert max(done) <= 6


def test_lost_time_is_not_made_up_for(kit: StoreKit, lead: Lead):
    clock = HandClock()
    bulk = BulkOperations(kit.store, lead(kit, NAME), clock)
    die(kit, 300)
    kit.store.operations.open(Action.RETRY, DEAD, rate=100)
    bulk.run_once()
    clock.seconds += 60
    assert bulk.run_once().done <= 20


def test_a_slow_operation_holds_up_no_other(kit: StoreKit, bulk: BulkOperations, carry_out):
    die(kit, 10, type="slow")
    die(kit, 300, type="fast")
    slow = kit.store.operations.open(Action.RETRY, JobFilter(states=(State.DEAD,), types=("slow",)), rate=0.01)
    assert carry_out(Action.RETRY, JobFilter(states=(State.DEAD,), types=("fast",))).done == 300
    still = kit.store.operations.get(slow.id)
    assert still is not None
    assert (still.status, still.done) == (Status.RUNNING, 1)


def test_given_ids_are_all_that_is_meant(kit: StoreKit, carry_out):
    ids = die(kit, 4)
    pending = kit.enqueue(queue="other")
    done = carry_out(Action.RETRY, JobFilter(states=(State.DEAD,), ids=(ids[2], "nobody", ids[0], pending, ids[2])))
    assert (done.total, done.done, done.failed) == (4, 2, 2)
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


def test_an_operation_that_breaks_harms_no_other(kit: StoreKit, bulk: BulkOperations, carry_out, monkeypatch):
    die(kit, 2)

    def broken(*args, **options):
        raise RuntimeError("out of paper")

    monkeypatch.setattr(kit.operator, "cancel", broken)
    kit.enqueue()
    bad = kit.store.operations.open(Action.CANCEL, JobFilter(types=("echo",)))
    assert carry_out(Action.RETRY, DEAD).status is Status.DONE
    done = kit.store.operations.get(bad.id)
    assert done is not None
    assert (done.status, done.error) == (Status.FAILED, "RuntimeError: out of paper")


def test_only_so_many_ids_and_operations_are_taken(kit: StoreKit):
    operations = kit.store.operations
    with pytest.raises(ValueError, match="1000"):
        operations.open(Action.RETRY, JobFilter(ids=tuple(str(n) for n in range(MOST_IDS + 1))))
    for _ in range(MOST_OPEN):
        operations.open(Action.RETRY, DEAD)
    with pytest.raises(TooManyOperations):
        operations.open(Action.RETRY, DEAD)


def test_the_list_is_newest_first_and_pages(kit: StoreKit, carry_out):
    made = []
    for _ in range(5):
        made.append(carry_out(Action.RETRY, DEAD).id)
        kit.advance(1)
    operations = kit.store.operations
    first = operations.latest(2)
    assert [each.id for each in first] == made[:2:-1]
    assert [each.id for each in operations.latest(9, before=first[-1].id)] == made[2::-1]


def test_the_oldest_finished_operations_are_forgotten(kit: StoreKit, monkeypatch):
    operations = kit.store.operations
    monkeypatch.setattr("jobs.store.operations.MOST_KEPT", 3)
    still_open = operations.open(Action.RETRY, JobFilter(states=(State.DEAD,), ids=("a",)))
    token = kit.keeper.lead(NAME, "tester", 60_000)
    for _ in range(5):
        kit.advance(1)
        over = operations.open(Action.RETRY, DEAD)
        operations.save(NAME, token, Operation(
            id=over.id, action=over.action, filter=over.filter, cutoff=0, created=over.created, status=Status.DONE,
        ))  # fmt: skip
    kept = [each.id for each in operations.latest(100)]
    assert len(kept) == 3
    assert still_open.id in kept
    assert operations.given_ids(still_open.id) == ("a",)


def test_an_undecodable_operation_is_dropped(kit: StoreKit, bulk: BulkOperations):
    made = kit.store.operations.open(Action.RETRY, DEAD)
    kit.client.call("HSET", kit.keys.operations, made.id, b"{")
    bulk.run_once()
    assert kit.store.operations.unfinished() == []
    assert kit.store.operations.get(made.id) is None


def test_progress_of_a_deposed_runner_is_not_kept(kit: StoreKit, bulk: BulkOperations, lead: Lead):
    made = kit.store.operations.open(Action.RETRY, DEAD)
    depose(kit, NAME)
    lead(kit, NAME, "two")
    with pytest.raises(NotLeading):
        bulk.run_once()
    still = kit.store.operations.get(made.id)
    assert still is not None
    assert (still.status, still.cursor) == (Status.RUNNING, Cursor())


def test_a_repeated_request_makes_one_operation(kit: StoreKit, carry_out):
    operations = kit.store.operations
    die(kit, 2)
    new_id = operations.new_id()
    first = operations.open(Action.RETRY, DEAD, reason="first", operation_id=new_id)
    assert operations.open(Action.RETRY, DEAD, reason="second", operation_id=new_id).reason == "first"
    carry_out(Action.RETRY, JobFilter(states=(State.DEAD,), types=("nothing",)))
    repeated = operations.open(Action.RETRY, DEAD, operation_id=new_id)
    assert (repeated.id, repeated.status, repeated.done) == (first.id, Status.DONE, 2)
    assert operations.unfinished() == []
