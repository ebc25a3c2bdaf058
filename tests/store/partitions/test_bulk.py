"""A bulk operation goes through all partitions, and acts on each job once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobs.filtering import JobFilter
from jobs.maintenance.bulk import NAME, BulkOperations
from jobs.maintenance.leadership import Leadership
from jobs.states import State
from jobs.store.fencing import NotLeading
from jobs.store.operation import Action, Operation, Status
from tests.store.tagging import listed, make_whole
from tests.support.jobs import StoreKit
from tests.support.partitions import ERRORS, Installation, said_id, story

DEAD = JobFilter(states=(State.DEAD,))
CarryOut = Callable[..., Operation]


@pytest.fixture
def bulk(spread: Installation) -> BulkOperations:
    """Give the runner of operations in office, at home."""
    leadership = Leadership(spread.store.keeper, NAME, "the-leader")
    assert leadership.keep()
    return BulkOperations(spread.store, leadership)


@pytest.fixture
def carry_out(spread: Installation, bulk: BulkOperations) -> CarryOut:
    """Return a function that asks for an operation and has it carried out."""

    def run(action: Action, wanted: JobFilter) -> Operation:
        made = spread.store.operations.open(action, wanted)
        for _ in range(100):
            bulk.run_once()
            found = spread.store.operations.get(made.id)
            if found and found.status.is_over:
                return found
        raise AssertionError("it does not end")

    return run


def ids_in(spread: Installation, state: State) -> list[str]:
    indexes = spread.store.reader.indexes(state)
    return [place.id for place in spread.store.reader.walk(indexes, 1000)]


def test_each_dead_job_of_all_partitions_is_retried_once(spread: Installation, carry_out: CarryOut) -> None:
    spread.play_all(story(len(spread.kits)))
    dead = ids_in(spread, State.DEAD)
    assert {part for part, some in enumerate(spread.kits) if set(dead) & set(ids_of(some, State.DEAD))} == set(
        range(len(spread.kits))
    )
    done = carry_out(Action.RETRY, DEAD)
    assert (done.status, done.total, done.done, done.failed) == (Status.DONE, len(dead), len(dead), 0)
    assert ids_in(spread, State.DEAD) == []
    assert spread.store.reader.totals()["retried"] == len(dead)
    records = spread.store.reader.records(dead)
    assert {record.state for record in records if record} == {State.PENDING}


def ids_of(kit: StoreKit, state: State) -> list[str]:
    return [place.id for place in kit.reader.walk(kit.reader.indexes(state), 1000)]


def test_what_is_made_later_is_not_meant(spread: Installation, carry_out: CarryOut) -> None:
    last = len(spread.kits) - 1
    early, late = said_id(last, 1), said_id(last, 2)
    spread.play(("later", early, {"delay_ms": 60_000}))
    made = spread.store.operations.open(Action.CANCEL, JobFilter(states=(State.SCHEDULED,)))
    assert made.cutoff >= max(kit.store.yardstick.stamp() for kit in spread.kits)
    spread.play(("later", late, {"delay_ms": 60_000}))
    spread.store.operations.abort(made.id)
    assert spread.kits[last].states([early, late]) == [State.SCHEDULED, State.SCHEDULED]
    records = spread.store.reader.records([early, late])
    rows = [(each, record) for each, record in zip([early, late], records, strict=True) if record]
    assert [job_id for job_id, _ in spread.store.operations.were_there(made, rows)] == [early]


def test_given_ids_and_one_error_are_counted_in_all(spread: Installation) -> None:
    spread.play_all(story(len(spread.kits)))
    dead = ids_in(spread, State.DEAD)
    operations = spread.store.operations
    assert operations.size_of(Action.RETRY, JobFilter(ids=tuple(dead))) == len(dead)
    counts = [
        operations.size_of(Action.RETRY, JobFilter(states=(State.DEAD,), fingerprints=(error.fingerprint,)))
        for error in ERRORS
    ]
    assert sum(count or 0 for count in counts) == len(dead)


def test_a_bulk_deletion_removes_all_and_is_fenced(spread: Installation, carry_out: CarryOut) -> None:
    lines = story(len(spread.kits))
    spread.play_all(lines)
    ended = [*ids_in(spread, State.COMPLETED), *ids_in(spread, State.DEAD)]
    done = carry_out(Action.DELETE, JobFilter(states=(State.COMPLETED, State.DEAD)))
    assert (done.done, done.failed) == (len(ended), 0)
    assert spread.store.reader.records(ended) == [None] * len(ended)
    [other] = [job_id for fate, job_id, _ in lines if fate == "later" and spread.kit(job_id) is spread.kits[-1]][:1]
    with pytest.raises(NotLeading):
        spread.store.operator.delete([other], duty=NAME, token="somebody-else:1")
    assert spread.kits[-1].state(other) is State.SCHEDULED


def test_jobs_with_several_tags_are_met_once_in_each_partition(spread: Installation, carry_out: CarryOut) -> None:
    ids = []
    for number in range(4 * len(spread.kits)):
        job_id = said_id(number % len(spread.kits), number)
        tags = ("red", "blue") if number % 2 else ("red",)
        spread.kit(job_id).enqueue(job_id, tags=tags, delay_ms=60_000)
        ids.append(job_id)
    spread.play(("pending", said_id(0, 1000), {}))
    for kit in spread.kits:
        make_whole(kit)
    assert spread.store.tag_index.covers(None)
    whole = StoreKit("", spread.store.config, spread.store)
    assert listed(whole, "red", "blue") == ids[::-1]
    done = carry_out(Action.CANCEL, JobFilter(tags=("blue", "red")))
    assert (done.status, done.done, done.failed) == (Status.DONE, len(ids), 0)
    assert set(spread.store.reader.state_counts().items()) >= {("cancelled", len(ids)), ("pending", 1)}
