"""What calls of the client raise."""

from __future__ import annotations

from typing import Any

from .jobs import Job
from .shapes import is_fault, text


class ApiError(Exception):
    """A refusal: HTTP's `status`, the stable `code`, `detail`, `errors` as [{field, message}]; `document` has it all.

    `repeated`: there was an earlier attempt, which may have been carried out and its answer lost. An answer that cannot
    be understood is `not_json` or `bad_answer` (another shape, or too large), whatever its status.
    """

    def __init__(self, status: int, document: Job, repeated: bool = False) -> None:
        super().__init__(status, document, repeated)
        self.status, self.document, self.repeated = status, document, repeated
        self.code, self.detail = text(document, "code", "unknown"), text(document, "detail")
        errors: Any = document.get("errors")
        self.errors: list[dict[str, str]] = list(filter(is_fault, errors)) if isinstance(errors, list) else []

    def __str__(self) -> str:
        more = "".join(f"; {error.get('field')}: {error.get('message')}" for error in self.errors[1:])
        return f"{self.status} {self.code}: {self.detail}{more}"


class NoAnswer(ConnectionError):
    """No answer came in time. What was asked for may have been done all the same."""

    status = 0
    code = "no_answer"


class JobFailed(Exception):
    """The job is dead: it does not run again by itself. `error` is its last line, `job` everything known of it."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self.job, self.job_id, self.error = job, str(job["jobId"]), text(job, "error")

    def __str__(self) -> str:
        return f"job {self.job_id} is {self.job['status']}: {self.error}"


class JobCancelled(JobFailed):
    """The job was cancelled; `error` is the reason."""
