"""Entries go by age, by maintenance and by nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from jobs.conf import Config
from jobs.maintenance import trail_pruner
from jobs.maintenance.crew import plans
from jobs.maintenance.leadership import Leadership
from jobs.maintenance.trail_pruner import BATCH, PAUSE_SECONDS, TrailPruner
from jobs.models import AuditEntry
from jobs.store.fencing import NotLeading
from tests.support.jobs import StoreKit, store_kit

from .conftest import past_entries

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def make_pruner(store_url: str, config: Config) -> Iterator[Callable[[int], tuple[StoreKit, TrailPruner]]]:
    """Return a function that makes a pruner in office which keeps entries for some days."""
    with store_kit(store_url, config) as kit:

        def make(days: int) -> tuple[StoreKit, TrailPruner]:
            kit.store.config = replace(kit.store.config, audit_days=days)
            leadership = Leadership(kit.keeper, trail_pruner.NAME, "tester")
            assert leadership.keep()
            return kit, TrailPruner(kit.store, leadership)

        yield make


def ages() -> list[int]:
    """The ages of all entries in days."""
    return [round((timezone.now() - entry.at) / timedelta(days=1)) for entry in AuditEntry.objects.all()]


def test_entries_beyond_their_days_go_and_no_others(make_pruner):
    past_entries(29, 31, 400, 0)
    _, pruner = make_pruner(30)
    assert pruner.run_once().done == 2
    assert ages() == [0, 29]


def test_zero_days_keep_everything(make_pruner):
    past_entries(4000)
    _, pruner = make_pruner(0)
    assert pruner.run_once().done == 0
    assert ages() == [4000]


def test_a_run_is_one_bounded_batch_the_oldest_first(make_pruner):
    past_entries(*[40] * BATCH, 41, 42)
    _, pruner = make_pruner(30)
    first, second = pruner.run_once(), pruner.run_once()
    assert (first.done, first.again) == (BATCH, PAUSE_SECONDS)
    assert (second.done, second.again) == (2, None)


def test_who_does_not_lead_any_more_removes_nothing(make_pruner):
    past_entries(40)
    _, pruner = make_pruner(30)
    pruner._leadership.drop()
    with pytest.raises(NotLeading):
        pruner.run_once()
    assert ages() == [40]


def test_a_locked_database_is_left_in_peace(make_pruner, locked):
    past_entries(40)
    _, pruner = make_pruner(30)
    with locked():
        result = pruner.run_once()
    assert (result.done, result.again) == (0, None)
    assert ages() == [40]


def test_the_duty_keeps_no_connection(make_pruner):
    past_entries(40)
    connections["default"].close()
    _, pruner = make_pruner(30)
    assert pruner.run_once().done == 1
    assert connections["default"].connection is None


def test_maintenance_does_it_once_an_hour(config):
    assert {plan.name: plan.period for plan in plans(config)}[trail_pruner.NAME] == 3600
