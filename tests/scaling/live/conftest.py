"""A scaler in office, on a real store whose time the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jobs.conf import Config
from jobs.maintenance.leadership import Leadership
from scaling.models import ScalingPolicy
from scaling.scaler import NAME, Scaler
from tests.support.jobs import StoreKit, store_kit

from .crowd import FIRST, crowd
from .heirs import LONG


@pytest.fixture
def kit(store_url: str, config: Config, transactional_db: None) -> Iterator[StoreKit]:
    """Give a store with one worker of the pool `default`."""
    with store_kit(store_url, config) as made:
        crowd(made, 1)
        made.store.registry.set_desired("default", 1)
        yield made


@pytest.fixture
def policy() -> Callable[..., ScalingPolicy]:
    """Return a function that saves the policy of the pool `default`."""

    def save(**fields: Any) -> ScalingPolicy:
        row, _ = ScalingPolicy.objects.get_or_create(pool="default", defaults=FIRST)
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
        return row

    return save


@pytest.fixture
def scaler(kit: StoreKit, policy: Callable[..., ScalingPolicy]) -> Scaler:
    """Give a scaler in office, and the pool a policy that decides every five seconds."""
    policy()
    leadership = Leadership(kit.keeper, NAME, "tester", LONG)
    assert leadership.keep()
    return Scaler(kit.store, leadership)


@pytest.fixture
def observed(scaler: Scaler, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the pools that the scaler observes from now on, in that order."""
    order: list[str] = []
    observe = scaler._observer.observe

    def noted(pool: str, *more: Any) -> Any:
        order.append(pool)
        return observe(pool, *more)

    monkeypatch.setattr(scaler._observer, "observe", noted)
    return order
