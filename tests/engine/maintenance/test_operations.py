"""The list of bulk operations: bounded, newest first, tolerant."""

from __future__ import annotations

import pytest

from jobs.filtering import JobFilter
from jobs.maintenance.bulk import NAME, BulkOperations
from jobs.states import State
from jobs.store.operation import Action, Operation, Status
from jobs.store.operations import MOST_IDS, MOST_OPEN, TooManyOperations
from tests.support.jobs import StoreKit

from .bulk_kit import DEAD, die


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
