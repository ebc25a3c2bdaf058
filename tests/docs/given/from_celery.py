"""Celery's worker, while the calls of the page wait for it."""

from contextlib import AbstractContextManager
from typing import Any

from celery.contrib.testing.worker import start_worker

_worker: list[AbstractContextManager[Any]] = []


def between(number: int, names: dict[str, Any]) -> None:
    """A real worker, once the task is there and until its result is."""
    if number == 1:
        _worker.append(start_worker(names["app"], pool="solo", perform_ping_check=False, shutdown_timeout=30))
        _worker[0].__enter__()
    elif number == 2:
        _worker[0].__exit__(None, None, None)
        assert names["result"].successful()
