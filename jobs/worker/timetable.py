"""When the settler's thread does what, besides settling."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from jobs.errors import QueueFlowError
from jobs.logs import get_logger

_log = get_logger(__name__)


class Duty:
    """Something to do every `period` seconds, at once for the first time. A failure is logged and it stays due."""

    def __init__(self, period: float, do: Callable[[], None]) -> None:
        self.period = period
        self.do = do
        self.due = 0.0


class Timetable:
    """The duties of one thread."""

    def __init__(self, *duties: Duty) -> None:
        self._duties = duties

    def wait(self) -> float:
        """Seconds until something is due."""
        return max(min(duty.due for duty in self._duties) - monotonic(), 0.0)

    def run_due(self) -> None:
        """Do what is due."""
        now = monotonic()
        for duty in self._duties:
            if duty.due <= now:
                duty.due = now + duty.period
                try:
                    duty.do()
                except QueueFlowError as error:
                    duty.due = now + min(duty.period, 1.0)
                    _log.warning(
                        "a duty failed and will be tried again", duty=duty.do.__qualname__, error=str(error)[:500]
                    )
