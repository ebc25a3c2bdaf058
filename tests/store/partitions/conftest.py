"""Installations over three partitions of one server, over two servers, and one that is not spread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from jobs.conf import Config
from tests.support.partitions import Installation, installation
from tests.support.server import TestServer

COUNTS = {"three on one server": 3, "two servers": 2}


@pytest.fixture(scope="session")
def other_server() -> Iterator[TestServer]:
    """Give a second server."""
    with TestServer() as server:
        yield server


@pytest.fixture(params=COUNTS)
def spread(
    request: pytest.FixtureRequest, store_url: str, other_server: TestServer, config: Config
) -> Iterator[Installation]:
    """Give an empty installation over several partitions."""
    other_server.flush()
    urls = (store_url,) if COUNTS[request.param] == 3 else (store_url, other_server.url)
    with installation(config, COUNTS[request.param], *urls) as made:
        yield made


@pytest.fixture
def three(store_url: str, config: Config) -> Iterator[Installation]:
    """Give an empty installation over three partitions of one server."""
    with installation(config, 3, store_url) as made:
        yield made


@pytest.fixture
def whole(store_url: str, config: Config) -> Iterator[Installation]:
    """Give an empty installation that is not spread, beside the others on the first server."""
    with installation(replace(config, prefix="whole:"), 1, store_url) as made:
        yield made
