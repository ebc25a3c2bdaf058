"""What the README's lines take for granted."""

import os
from typing import Any

from jobs import QueueManager
from queueflow_client import Client as _Client

key = os.environ["QUEUEFLOW_KEY"]
enqueued: list[str] = []


def Client(address: str, key: str) -> _Client:  # noqa: N802 - it stands for the class
    """A client of the installation that the test has, wherever the README says it is."""
    assert address == "http://127.0.0.1:8000"
    return _Client(os.environ["QUEUEFLOW_URL"], key)


def between(number: int, names: dict[str, Any]) -> None:
    """Once all has run: what was enqueued is done, and the setting names a backend."""
    if number == 2:
        assert QueueManager().config.handler_modules
        from django.utils.module_loading import import_string

        import_string(names["TASKS"]["default"]["BACKEND"])
