"""The index of tags is kept as the setting of the leading process says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobs.auditor import audit
from jobs.maintenance import tag_indexer
from jobs.maintenance.crew import plans
from jobs.maintenance.duty import Result
from jobs.maintenance.runner import Plan
from jobs.maintenance.tag_indexer import TagIndexer
from tests.store.tagging import index, listed
from tests.support.jobs import StoreKit
from tests.support.polling import wait_until

from .conftest import Lead, MakeRunner

MakeKit = Callable[..., StoreKit]


@pytest.fixture
def keeping(make_kit: MakeKit) -> StoreKit:
    """Return a kit whose processes are told to keep an index."""
    return make_kit(tag_index=True)


def test_earlier_jobs_are_entered_a_piece_at_a_time(
    keeping: StoreKit, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tag_indexer, "RUN_SECONDS", 0.0)
    ids = [keeping.enqueue(tags=("t",)), *keeping.enqueue_many(498), keeping.enqueue(tags=("t",))]
    duty = TagIndexer(keeping.store, lead(keeping, tag_indexer.NAME))
    runs: list[Result] = []
    since: list[int] = []
    while not runs or runs[-1].again == 0:
        runs.append(duty.run_once())
        since.append(keeping.store.tag_index.since() or 0)
    assert [result.done for result in runs] == [1, 1, 0]
    assert since[0] > since[1] > since[2] == 0
    assert index(keeping) == {"t": [ids[0], ids[-1]]}
    assert audit(keeping.store).clean


def test_large_envelopes_are_read_in_small_batches(keeping: StoreKit, lead: Lead) -> None:
    ids = [keeping.enqueue(tags=("t",), payload=b"1" * 900_000) for _ in range(8)]
    result = TagIndexer(keeping.store, lead(keeping, tag_indexer.NAME)).run_once()
    assert (result.done, result.again) == (8, None)
    assert index(keeping) == {"t": ids}


def test_a_whole_index_costs_a_look(keeping: StoreKit, lead: Lead) -> None:
    duty = TagIndexer(keeping.store, lead(keeping, tag_indexer.NAME))
    assert duty.run_once().again is None
    keeping.enqueue(tags=("t",))
    assert duty.run_once().done == 0
    assert keeping.store.tag_index.since() == 0


def test_who_leads_decides_for_all(make_kit: MakeKit, keeping: StoreKit, lead: Lead) -> None:
    other = make_kit()
    leadership = lead(keeping, tag_indexer.NAME, "new")
    TagIndexer(keeping.store, leadership).run_once()
    first = other.enqueue(tags=("t",))  # by a process that has not been told
    leadership.resign()
    leadership = lead(other, tag_indexer.NAME, "old")
    TagIndexer(other.store, leadership).run_once()
    second = keeping.enqueue(tags=("t",))
    assert index(other) == {"t": [first]}
    assert listed(other, "t") == [second, first]
    leadership.resign()
    TagIndexer(keeping.store, lead(keeping, tag_indexer.NAME, "new")).run_once()
    assert index(other) == {"t": [first, second]}
    assert audit(keeping.store).clean


@pytest.mark.parametrize("wanted", [True, False])
def test_the_duty_runs_in_every_crew(make_kit: MakeKit, make_runner: MakeRunner, wanted: bool) -> None:
    kit = make_kit(tag_index=wanted)
    job_id = kit.enqueue(tags=("t",))
    kit.client.call("SET", kit.keys.tag_index, 2**52)
    (plan,) = [each for each in plans(kit.store.config) if each.name == tag_indexer.NAME]
    made = Plan(plan.name, 0.01, lambda store, leadership: plan.make(kit.store, leadership), plan.terms)
    make_runner(made)
    wait_until(lambda: kit.store.tag_index.since() == (0 if wanted else None))
    assert index(kit) == ({"t": [job_id]} if wanted else {})
