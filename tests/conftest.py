"""Fixtures that every suite may use; each folder adds its own."""

import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from jobs.conf import Config
from tests.settings import remove_folder
from tests.thorough import THOROUGH

pytest_plugins = ["tests.support.fixtures"]


def pytest_configure() -> None:
    """Let the processes that tests start hear signals that a shell ignores for what it runs in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what only `make test-all` runs, before the marks are looked at."""
    for item in items:
        if item.nodeid.startswith(THOROUGH):
            item.add_marker("thorough")


def pytest_unconfigure() -> None:
    """Remove what the tests wrote; a worker of pytest-xdist ends without running exit handlers."""
    remove_folder()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keep for the build that every test was run and some failed: those are then run once more, alone."""
    if exitstatus == pytest.ExitCode.TESTS_FAILED and session.config.cache is not None:
        session.config.cache.set("queueflow/ended", True)


@pytest.fixture(scope="session", autouse=True)
def static_files_looked_for_once() -> Iterator[None]:
    """Have the list of static files made once: every client of Django's has middleware of its own, which makes one."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    look = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[str, dict[str, object]] = {}

    def look_once(middleware: WhiteNoiseMiddleware) -> None:
        place = f"{settings.STATIC_ROOT} {settings.STATIC_URL}"
        if place not in found:
            look(middleware)
            found[place] = dict(middleware.files)
        middleware.files.update(found[place])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", look_once)
        yield


@pytest.fixture
def transactional_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Open the database without a transaction around the test, see `committing`."""
    from tests.support.database import committing

    with django_db_blocker.unblock(), committing():
        yield


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return the default configuration, writing into a folder of this test."""
    return replace(Config(), var_dir=tmp_path)


@pytest.fixture
def configure() -> Iterator[Callable[[Config], None]]:
    """Return a function that makes `get_config()` return the given configuration until the test ends."""
    overrides: list[override_settings] = []

    def use(config: Config) -> None:
        override = override_settings(QUEUEFLOW=config)
        override.enable()
        overrides.append(override)

    yield use
    for override in reversed(overrides):
        override.disable()
