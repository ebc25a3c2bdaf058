"""Goes on with resumes of job types: brings the rest of their held jobs back to the queues."""

from __future__ import annotations

from functools import partial
from typing import Final

from jobs.logs import get_logger
from jobs.store.store import Store

from .apart import Apart
from .duty import AT_ONCE, Duty, Result
from .leadership import Leadership

log = get_logger(__name__)
NAME: Final = "resumer"
LOOK_SECONDS: Final = 0.5  # the longest wait before a resume that somebody began is gone on with
RUN_SECONDS: Final = 0.4  # shared by all types that resume


class Resumer(Duty):
    """Who resumes a type moves held jobs for a moment only, and may die while doing it; this ends what was begun.

    Two that move jobs of one type at once do no harm, so its writes carry no fencing token.
    """

    def __init__(self, store: Store, leadership: Leadership) -> None:
        self._pauses = store.type_pauses
        self._apart = Apart(NAME)

    def run_once(self) -> Result:
        """Move a slice of each type that resumes."""
        resuming = [job_type for job_type, pause in self._pauses.all().items() if pause.resuming]
        done, more = 0, False
        for job_type in resuming:
            work = partial(self._pauses.go_on, job_type, RUN_SECONDS / len(resuming))
            progress = self._apart.run(job_type, work, None)
            if progress is None:
                continue
            done, more = done + progress.moved, more or progress.more
            if not progress.more:
                log.info("a job type is resumed", type=job_type)
        return Result(done, AT_ONCE if more else None)
