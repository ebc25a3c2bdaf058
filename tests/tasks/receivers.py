"""Receivers of the framework's signals that write down what they see, and some that behave badly."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from jobs.backends.compat import TaskResult, TaskResultStatus, task_enqueued, task_finished, task_started


def seen(name: str, sender: type, result: TaskResult[..., Any]) -> dict[str, Any]:
    """What a receiver can tell about a task."""
    return {
        "signal": name,
        "id": result.id,
        "sender": f"{sender.__module__}.{sender.__qualname__}",
        "status": str(result.status),
        "attempts": result.attempts,
        "workers": result.worker_ids,
        "errors": [error.exception_class_path for error in result.errors],
        "returned": result.return_value if result.status == TaskResultStatus.SUCCESSFUL else None,
        "enqueued": result.enqueued_at is not None,
        "started": result.started_at is not None,
        "finished": result.finished_at is not None,
        "raising": getattr(sys.exc_info()[0], "__name__", None),
        "pid": os.getpid(),
    }


def listen(path: str) -> None:
    """Append a line of JSON for each signal in this process."""
    signals = {"enqueued": task_enqueued, "started": task_started, "finished": task_finished}
    for name, signal in signals.items():

        def write(sender: type, task_result: TaskResult[..., Any], name: str = name, **kwargs: Any) -> None:
            with Path(path).open("a") as file:
                file.write(json.dumps(seen(name, sender, task_result)) + "\n")

        def fail(**kwargs: Any) -> None:
            raise RuntimeError("a receiver that fails")

        signal.connect(write, weak=False)
        signal.connect(fail, weak=False)
