"""A ticker in office, on a real store whose time the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from jobs.conf import Config
from tests.support.jobs import StoreKit, store_kit

from .office import Office


@pytest.fixture
def kit(store_url: str, config: Config, transactional_db: None) -> Iterator[StoreKit]:
    """Give a store that takes jobs of all types."""
    with store_kit(store_url, replace(config, accept_unknown_types=True)) as made:
        yield made


@pytest.fixture
def office(kit: StoreKit) -> Iterator[Office]:
    """Give a ticker that leads, and ways to make schedules for it."""
    made = Office(kit)
    yield made
    made.close()
