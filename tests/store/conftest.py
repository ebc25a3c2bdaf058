"""A fresh store for each test."""

from collections.abc import Iterator

import pytest

from jobs.conf import Config
from tests.support.jobs import StoreKit, store_kit


@pytest.fixture
def kit(store_url: str, config: Config) -> Iterator[StoreKit]:
    """Give a kit on an empty server."""
    with store_kit(store_url, config) as made:
        yield made
