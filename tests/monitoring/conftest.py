"""The API's fixtures serve the pages as well."""

from collections.abc import Callable

import pytest
from django.test import Client

from monitoring import frame
from tests.api.conftest import api, api_config, key, kit, use
from tests.monitoring.people import logged_in

__all__ = ["api", "api_config", "key", "kit", "use"]


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
