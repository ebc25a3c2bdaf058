"""A browser, an installation, and visits to it that fail for anything that must not happen in a browser.

All fixtures live no longer than this folder's tests: while Playwright runs, its event loop is this thread's, and Django
would refuse to ask the database in it. The tests here ask web and store instead.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.installation import Installation, PoisonedInstallation
from tests.e2e.visitors import Visit, Visitors

CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
FLAGS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
VISITORS: Final = pytest.StashKey[Visitors]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail a test for what its browser saw, as a part of the test itself."""
    result = yield
    if VISITORS in item.stash:
        item.stash[VISITORS].check()
    return result


@pytest.fixture(scope="package")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PoisonedInstallation]:
    """Give the installation, as the tests before have left it."""
    with PoisonedInstallation(tmp_path_factory.mktemp("installation")) as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Give the system's Chromium."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert program, f"none of {', '.join(CHROMIUM)} is installed"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def logins() -> dict[str, Any]:
    """Keep what browsers remember of those who have logged in, by role."""
    return {}


@pytest.fixture
def visit(
    request: pytest.FixtureRequest, browser: Browser, installation: Installation, logins: dict[str, Any]
) -> Iterator[Callable[..., Visit]]:
    """Return a function that opens a window for somebody; see `Visitors.open`."""
    visitors = Visitors(browser, installation.url, logins)
    request.node.stash[VISITORS] = visitors
    yield visitors.open
    visitors.close()
