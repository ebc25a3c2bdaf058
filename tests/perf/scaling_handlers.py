"""Handlers for measuring scaling: one that takes its time, and one whose dependency is saturated by many at once."""

from __future__ import annotations

import fcntl
import random
import time
from pathlib import Path
from typing import Any

from jobs import handler

TAKES = 0.1  # seconds, while the dependency is not saturated
MOST = 20  # calls at once that it bears


@handler("work")
def work(payload: dict[str, Any]) -> None:
    """Take so many seconds."""
    time.sleep(payload["seconds"])  # job body


@handler("call")
def call(payload: dict[str, Any]) -> None:
    """Call the dependency. With n calls at once above the most that it bears, all are slower, and n - most of n fail.

    The folder has the number of calls, and a file `mended` once nothing saturates it any more.
    """
    folder = Path(payload["folder"])
    at_once = _counted(folder, 1)
    try:
        strain = 1.0 if (folder / "mended").exists() else max(at_once / MOST, 1.0)
        time.sleep(TAKES * strain)  # job body
        if random.random() > 1 / strain:
            raise ConnectionError("the dependency is saturated")
    finally:
        _counted(folder, -1)


def _counted(folder: Path, change: int) -> int:
    with (folder / "calls").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        calls = int(file.read() or 0) + change
        file.truncate(0)
        file.write(str(calls))
        return calls
