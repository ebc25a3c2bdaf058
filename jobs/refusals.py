"""What became of the jobs of a bulk enqueue, one by one."""

from __future__ import annotations

import msgspec

from .errors import DuplicateJob, InvalidJob, QueueFlowError
from .types import Enqueued


class Refusal(msgspec.Struct, frozen=True):
    """Why the job at `index` was not taken; `code` as in the API.

    Where there is one: `field` at fault in wire notation, `job_id` of the job that holds a duplicate's key, or under
    which this one may have been made all the same: a repeat under that id makes it once.
    """

    index: int
    code: str
    detail: str
    field: str = ""
    job_id: str = ""

    @classmethod
    def of(cls, index: int, error: QueueFlowError) -> Refusal:
        """What an error says of the job at `index`."""
        field = error.field if isinstance(error, InvalidJob) else ""
        return cls(index, error.code, str(error), field, error.job_id if isinstance(error, DuplicateJob) else "")


class BulkResult(msgspec.Struct, frozen=True):
    """What became of many: (index, job) of those accepted, and the refused, both by index."""

    accepted: list[tuple[int, Enqueued]]
    refused: list[Refusal]
