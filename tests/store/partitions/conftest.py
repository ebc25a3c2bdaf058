"""Installations over three partitions of one server, over two servers, on a cluster, and one that is not spread."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from jobs.conf import Config
from jobs.store.store import Store
from tests.support.cluster import ServerCluster
from tests.support.partitions import Installation, installation
from tests.support.server import TestServer

COUNTS = {"three on one server": 3, "two servers": 2}
_numbers = itertools.count()


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


@pytest.fixture(scope="session")
def cluster() -> Iterator[ServerCluster]:
    """Give a cluster of three primaries with a replica each, which tests leave whole."""
    with ServerCluster() as made:
        yield made


@pytest.fixture
def clustered(cluster: ServerCluster, config: Config) -> Iterator[Callable[..., Store]]:
    """Return a function that opens an installation over so many partitions on it, with settings and keys of its own."""
    with ExitStack() as stack:

        def open_one(partitions: int = 1, **settings: Any) -> Store:
            own = {"prefix": f"test-{next(_numbers)}:", **settings}
            store = Store.open(replace(cluster.config(config, partitions), **own), timeout=1.0)
            stack.callback(store.close)
            return store

        yield open_one
