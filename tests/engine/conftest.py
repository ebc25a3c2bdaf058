"""Fixtures of the engine's tests: a server a module, emptied before each test that asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.pools import Pool
from tests.engine.stage import Stage
from tests.support.server import TestServer


@pytest.fixture(scope="module")
def module_stage() -> Iterator[Stage]:
    """Give the module's server, as the tests before have left it."""
    with TestServer() as server:
        yield Stage(server)


@pytest.fixture(scope="module")
def running_pool(module_stage: Stage) -> Iterator[Pool]:
    """Give a pool of one worker that runs for the whole module."""
    with module_stage.pool("--max", "1", LOG_LEVEL="DEBUG", UNKNOWN_TYPE_GRACE="1") as pool:
        yield pool.await_ready(1)


@pytest.fixture
def stage(module_stage: Stage) -> Stage:
    """Give the module's server, empty."""
    module_stage.server.flush()
    return module_stage
