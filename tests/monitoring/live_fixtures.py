"""The fixtures of tests of live updates."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.monitoring.live_site import LiveSite

ALL = ("status", "queues", "workers", "jobs", "list", "list-dead", "dlq", "operations", "charts")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """Give a site without workers. It finds by itself only every 15 s who may look no longer."""
    more = {"LIVE_SOCKETS_PER_USER": "100", "LIVE_CHECK_SECONDS": "15"}
    with LiveSite(tmp_path_factory.mktemp("live"), **more) as site:
        yield site


@pytest.fixture(scope="module")
def session(site: LiveSite) -> str:
    """Return Ada's session."""
    return site.session()


@pytest.fixture(autouse=True)
def empty(site: LiveSite) -> None:
    """Begin without jobs."""
    site.server.flush()
