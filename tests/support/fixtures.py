"""Fixtures of the test kit that any suite may ask for by name. Each test process has a server of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.server import TestServer
from tests.support.starts import Starts


@pytest.fixture(scope="session")
def redis_server() -> Iterator[TestServer]:
    """Give the test process's server. It lasts: tests that kill a server start one themselves."""
    with TestServer() as server:
        yield server


@pytest.fixture
def store_url(redis_server: TestServer) -> str:
    """Return the URL of an empty server."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture
def mortal_server() -> Iterator[TestServer]:
    """Give an empty server of the test's own, which it may kill and freeze."""
    with TestServer() as server:
        yield server


@pytest.fixture
def gone_url() -> str:
    """Return the URL of a server that has ended: connections to it are refused."""
    with TestServer() as server:
        return server.url


@pytest.fixture(scope="session")
def starts() -> Iterator[Starts]:
    """Give what starts `manage.py` with an environment of a test's own."""
    made = Starts()
    yield made
    made.close()
