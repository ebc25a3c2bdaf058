"""What the audit trail raises."""

from __future__ import annotations

from jobs.errors import QueueFlowError


class TrailUnavailable(QueueFlowError):
    """The intent of an action could not be written in time. Nothing was done; the same call may succeed later.

    `retry_after` is in seconds.
    """

    code = "audit_unavailable"
    transient = True
    retry_after = 2.0

    def __init__(self, message: str) -> None:
        super().__init__(f"the audit trail cannot be written: {message}")
