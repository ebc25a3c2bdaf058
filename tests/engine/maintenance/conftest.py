"""A fresh store for each test, and leaders of duties on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from jobs.conf import Config
from jobs.filtering import JobFilter
from jobs.maintenance import bulk as bulk_duty
from jobs.maintenance.bulk import BulkOperations
from jobs.maintenance.crew import store_opener
from jobs.maintenance.leadership import Leadership
from jobs.maintenance.runner import Plan, Runner
from jobs.store.operation import Action, Operation
from tests.support.jobs import StoreKit, store_kit

from .bulk_kit import CarryOut, finished

MakeRunner = Callable[..., Runner]
Lead = Callable[..., Leadership]


@pytest.fixture
def make_kit(store_url: str, config: Config) -> Iterator[Callable[..., StoreKit]]:
    """Return a function that makes a kit with other settings than the usual ones."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(store_kit(store_url, replace(config, **settings)))


@pytest.fixture
def kit(make_kit: Callable[..., StoreKit]) -> StoreKit:
    """Return a kit on an empty server."""
    return make_kit()


@pytest.fixture
def lead() -> Lead:
    """Return a function that makes a leader of a duty in a kit's store."""

    def take(kit: StoreKit, duty: str, holder: str = "tester", **options: Any) -> Leadership:
        leadership = Leadership(kit.keeper, duty, holder, **options)
        assert leadership.keep()
        return leadership

    return take


@pytest.fixture
def make_runner(store_url: str, config: Config) -> Iterator[MakeRunner]:
    """Return a function that starts a plan's runner; all end with the test."""
    started: list[Runner] = []

    def start(plan: Plan, holder: str = "runner", url: str = store_url) -> Runner:
        runner = Runner(plan, store_opener(replace(config, redis_url=url)), holder)
        started.append(runner)
        runner.start()
        return runner

    yield start
    for runner in started:
        runner.stop()
    assert all(runner.join(5) for runner in started)


@pytest.fixture
def bulk(kit: StoreKit, lead: Lead) -> BulkOperations:
    """Return the runner of operations in office."""
    return BulkOperations(kit.store, lead(kit, bulk_duty.NAME))


@pytest.fixture
def carry_out(kit: StoreKit, bulk: BulkOperations) -> CarryOut:
    """Return a function that asks for an operation and has it carried out."""

    def run(action: Action, wanted: JobFilter, **options: Any) -> Operation:
        made = kit.store.operations.open(action, wanted, **options)
        return finished(kit, bulk, made.id)

    return run


def depose(kit: StoreKit, duty: str) -> None:
    """End a duty's leadership as the lapse of its lease does."""
    kit.client.call("DEL", kit.keys.leader(duty))
