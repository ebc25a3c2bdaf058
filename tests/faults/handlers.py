"""Handlers that harm the process that runs them; pools of the fault suite load them by QUEUEFLOW_HANDLERS."""

from __future__ import annotations

import os
import resource
import signal
import time
from pathlib import Path
from typing import Any

from jobs import handler
from tests.faults.cgroup import VARIABLE

ROOM = 64 * 1024 * 1024


@handler("poison", max_retries=1)
def poison(payload: Any) -> None:
    """Kills its process, each time."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)  # job body


@handler("hog", max_retries=1)
def hog(payload: Any) -> int:
    """Takes more memory than its process may have: the limit leaves it 64 MiB."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    data = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_DATA, (data + ROOM, hard))
    try:
        return len(bytearray(10 * ROOM))
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


@handler("devour", max_retries=1)
def devour(payload: Any) -> int:
    """Takes more memory than the cgroup has that its process enters: the kernel kills it."""
    Path(os.environ[VARIABLE], "cgroup.procs").write_text(str(os.getpid()))
    return len(b"\1" * (10 * ROOM))
