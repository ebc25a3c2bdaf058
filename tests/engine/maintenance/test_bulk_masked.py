"""Bulk operations of somebody from whom fields are hidden: their counts tell nothing of what is hidden."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs.filtering import JobFilter
from jobs.maintenance.bulk import BulkOperations
from jobs.redaction import Redactor
from jobs.states import State
from jobs.store.operation import Action
from tests.support.jobs import StoreKit

from .bulk_kit import DEAD, die, finished

REDACTOR = Redactor(("password",))
BODY = b'{"user": "bob", "password": "hunter2"}'


@pytest.mark.parametrize(
    "criteria", [{"text": "hunter2"}, {"text": "hunt"}, {"errors": ("hunter2",)}, {"text": "bob", "errors": ("hun",)}]
)
def test_what_is_hidden_matches_no_job(kit: StoreKit, carry_out, criteria):
    ids = die(kit, 3, "no hunter2", payload=BODY)
    wanted = JobFilter(states=(State.DEAD,), **criteria)
    hidden = carry_out(Action.RETRY, wanted.seen_through(REDACTOR))
    assert (hidden.total, hidden.done, hidden.failed) == (0, 0, 0)
    assert set(kit.states(ids)) == {State.DEAD}
    assert carry_out(Action.RETRY, wanted.seen_through(None)).done == 3


@pytest.mark.parametrize("criteria", [{"text": "bob"}, {"errors": ("valueerror: no",)}, {"tags": ()}])
def test_what_is_shown_matches_as_ever(kit: StoreKit, carry_out, criteria):
    die(kit, 3, "no hunter2", payload=BODY)
    done = carry_out(Action.RETRY, JobFilter(states=(State.DEAD,), **criteria).seen_through(REDACTOR))
    assert (done.total, done.done) == (3, 3)


def test_given_ids_are_told_apart_by_what_is_shown(kit: StoreKit, carry_out):
    ids = tuple(die(kit, 2, payload=BODY))
    done = carry_out(Action.RETRY, JobFilter(states=(State.DEAD,), ids=ids, text="hunter2").seen_through(REDACTOR))
    assert (done.done, done.failed) == (0, 2)


def test_the_mask_does_not_make_a_filter_of_an_empty_one(kit: StoreKit, bulk: BulkOperations):
    assert DEAD.seen_through(REDACTOR).criteria == {"states"}
    die(kit, 2)
    kit.client.call("HSET", kit.keys.metadata, die(kit, 1)[0], b"\xc1nonsense")
    asked = kit.store.operations.open(Action.DELETE, DEAD.seen_through(REDACTOR))
    assert asked.total == 3  # known at once, as for everybody
    assert finished(kit, bulk, asked.id).done == 3


def test_another_configuration_of_the_runner_lifts_no_mask(kit: StoreKit, carry_out):
    kit.store.config = replace(kit.store.config, redact_fields=())
    die(kit, 1, payload=BODY)
    assert carry_out(Action.RETRY, JobFilter(states=(State.DEAD,), text="hunter2").seen_through(REDACTOR)).done == 0
