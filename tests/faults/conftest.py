"""A server and a store of each test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.stage import Stage
from tests.support.server import TestServer


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Give a stage on a server of the test's own."""
    with TestServer() as server:
        yield Stage(server)
