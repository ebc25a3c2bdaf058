"""Fixtures of the tests of pools over several partitions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.partitions.ground import Ground


@pytest.fixture(scope="package")
def worked() -> Iterator[Ground]:
    """Give three partitions of one server and a pool of one worker, as the tests before have left them."""
    with Ground(3) as ground, ground.pool("--max", "1", UNKNOWN_TYPE_GRACE="1") as pool:
        pool.await_ready(1)
        yield ground


@pytest.fixture(scope="module")
def module_ground() -> Iterator[Ground]:
    """Give three partitions of one server, as the tests before have left them."""
    with Ground(3) as ground:
        yield ground


@pytest.fixture
def ground(module_ground: Ground) -> Ground:
    """Give three partitions of one server, empty."""
    module_ground.flush()
    return module_ground


@pytest.fixture(scope="module")
def two_servers() -> Iterator[Ground]:
    """Give two partitions, each on a durable server of its own."""
    with Ground(2, servers=2) as ground:
        yield ground
