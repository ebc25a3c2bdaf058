"""The error of a task that was given up."""

from __future__ import annotations

from typing import ClassVar

from jobs.errors import QueueFlowError


class TaskCancelled(QueueFlowError):
    """Never raised: it stands in `TaskResult.errors` where a person cancelled the job, or its handler discarded it."""

    code: ClassVar[str] = "cancelled"
