"""A browser, an installation, and visits to it that fail for anything that must not happen in a browser.

All fixtures live no longer than this folder's tests: while Playwright runs, its event loop is this thread's, and Django
would refuse to ask the database in it. The tests here ask web and store instead.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.installation import Installation, PoisonedInstallation
from tests.e2e.visitors import SECONDS, Visit, Visitors
from tests.e2e.walking import Walkers
from tests.perf.installation import FullInstallation
from tests.perf.recipe import Recipe
from tests.support.browser import launched

expect.set_options(timeout=SECONDS * 1000)
Logins = dict[str, dict[str, Any]]
VISITORS: Final = pytest.StashKey[list[Visitors]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail a test for what its browser saw, as a part of the test itself."""
    result = yield
    if VISITORS in item.stash:
        for visitors in item.stash[VISITORS]:
            visitors.check()
    return result


@pytest.fixture(scope="package")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PoisonedInstallation]:
    """Give the installation, as the tests before have left it."""
    with PoisonedInstallation(tmp_path_factory.mktemp("installation")) as running:
        yield running


@pytest.fixture(scope="package")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FullInstallation]:
    """Give another one with 20,000 jobs, 5,000 of them dead of one error that a deploy has mended since."""
    with FullInstallation(tmp_path_factory.mktemp("crowded"), Recipe(20_000, largest=5_000)) as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Give the system's Chromium."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="package")
def logins() -> Logins:
    """Keep what browsers remember of those who have logged in, by installation and role."""
    return {}


@pytest.fixture
def visit(
    request: pytest.FixtureRequest, browser: Browser, installation: Installation, logins: Logins
) -> Iterator[Callable[..., Visit]]:
    """Return a function that opens a window for somebody; see `Visitors.open`."""
    yield from visiting(request, browser, installation, logins)


@pytest.fixture(scope="module")
def walkers(browser: Browser, installation: Installation, logins: Logins) -> Iterator[Walkers]:
    """Give the windows that the module's tests share."""
    visitors = Visitors(browser, installation, logins.setdefault(installation.url, {}))
    yield Walkers(visitors)
    visitors.close()


@pytest.fixture
def walk(request: pytest.FixtureRequest, walkers: Walkers) -> Iterator[Callable[..., Visit]]:
    """Return a function that gives the module's window of somebody; see `Walkers.open`."""
    request.node.stash.setdefault(VISITORS, []).append(walkers.visitors)
    yield walkers.open
    walkers.rest()


@pytest.fixture
def visit_crowded(
    request: pytest.FixtureRequest, browser: Browser, crowded: FullInstallation, logins: Logins
) -> Iterator[Callable[..., Visit]]:
    """Return a function that opens a window on the crowded installation for somebody."""
    yield from visiting(request, browser, crowded, logins)


def visiting(
    request: pytest.FixtureRequest, browser: Browser, installation: Installation, logins: Logins
) -> Iterator[Callable[..., Visit]]:
    """The body of a fixture that gives `Visitors.open`."""
    visitors = Visitors(browser, installation, logins.setdefault(installation.url, {}))
    request.node.stash.setdefault(VISITORS, []).append(visitors)
    yield visitors.open
    visitors.close()
