"""The API's fixtures serve the pages as well."""

from collections.abc import Callable

import pytest
from django.test import Client

from jobs.maintenance.bulk import NAME, BulkOperations
from jobs.maintenance.leadership import Leadership
from monitoring import frame
from tests.api.conftest import api, api_config, key, kit, use, without_store
from tests.monitoring.people import logged_in
from tests.support.jobs import StoreKit
from tests.support.polling import wait_until

__all__ = ["api", "api_config", "key", "kit", "use", "without_store"]


@pytest.fixture(autouse=True)
def forgotten_frame() -> None:
    """Let no test see the frame of the one before: another store may be at the same address."""
    frame.keep(frame.UNKNOWN, seconds=0)


@pytest.fixture
def person(transactional_db: None) -> Callable[..., Client]:
    """Return a function that logs a member of a group in, by default an operator."""

    def make(role: str = "Operator", name: str = "ada") -> Client:
        return logged_in(role, name)

    return make


@pytest.fixture
def maintenance(kit: StoreKit) -> Callable[[], None]:
    """Return a function that lets maintenance work until no operation is open."""
    leadership = Leadership(kit.keeper, NAME, "tester")
    bulk = BulkOperations(kit.store, leadership)

    def work() -> None:
        def is_over() -> bool:
            leadership.keep()
            bulk.run_once()
            return not kit.store.operations.unfinished()

        wait_until(is_over)

    return work
