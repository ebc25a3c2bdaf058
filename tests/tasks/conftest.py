"""A Django project whose tasks run on a real server, by a real pool."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from jobs.backends.declaring import declare_configured
from jobs.handlers.registry import registry
from jobs.store import store as process_store
from tests.engine.pools import Pool
from tests.engine.stage import Stage
from tests.support.polling import wait_until
from tests.support.server import TestServer
from tests.tasks.configured import TASKS

SETTINGS = "tests.tasks.settings"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Give the module's server."""
    with TestServer() as server:
        yield Stage(server)


@pytest.fixture(scope="module")
def signals_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file into which the module's workers write the signals that are sent there."""
    return tmp_path_factory.mktemp("signals") / "signals"


@pytest.fixture(scope="module")
def pool(stage: Stage, signals_file: Path) -> Iterator[Pool]:
    """Give a pool of one worker that is told nothing but TASKS. It serves the queues that are named there."""
    environment = {
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "QUEUEFLOW_HANDLERS": "",
        "TASKS_SIGNALS": str(signals_file),
        "UNKNOWN_TYPE_GRACE": "1",
    }
    with stage.pool("--max", "1", **environment) as pool:
        yield pool.await_ready(1)


@pytest.fixture(autouse=True)
def project(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give this process the project's TASKS and the module's server."""
    monkeypatch.setattr(process_store, "_process_store", (os.getpid(), stage.store))
    before = registry.types()
    with override_settings(TASKS=TASKS, QUEUEFLOW=replace(settings.QUEUEFLOW, redis_url=stage.server.url)):
        declare_configured()  # as the app does when it is ready
        yield
    for name in registry.types() - before:
        registry.remove(name)


@pytest.fixture
def tasks(project: None) -> Any:
    """Return the module of the project's tasks; it can be imported only with its settings."""
    return import_module("tests.tasks.tasks")


@pytest.fixture
def signals(signals_file: Path) -> Callable[[str], list[dict[str, Any]]]:
    """Return a function that gives the signals sent by workers about one task, in order."""

    def of(result_id: str) -> list[dict[str, Any]]:
        lines = signals_file.read_text().splitlines() if signals_file.exists() else []
        return [line for line in map(json.loads, lines) if line["id"] == result_id]

    return of


def finished(result: Any, seconds: float = 15.0) -> Any:
    """Refresh a result until its task has finished, and return it."""

    def is_finished() -> Any:
        result.refresh()
        return result.is_finished

    wait_until(is_finished, seconds)
    return result
