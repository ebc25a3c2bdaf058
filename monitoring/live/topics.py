"""What a page can look at, and how often at most it is looked at."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Topic(StrEnum):
    """One kind of frame. STORE comes without a subscription."""

    STATUS = "status"
    QUEUES = "queues"
    WORKERS = "workers"
    JOBS = "jobs"
    DLQ = "dlq"
    OPERATIONS = "operations"
    CHARTS = "charts"
    STORE = "store"

    @property
    def seconds(self) -> float:
        """The least time between two looks while there is something new each time."""
        return _SECONDS.get(self, 0.5)

    @property
    def quiet_seconds(self) -> float:
        """The same while nothing changes."""
        return _QUIET_SECONDS.get(self, self.seconds)


_SECONDS: Final = {Topic.WORKERS: 1.0, Topic.DLQ: 1.0, Topic.CHARTS: 1.0}
_QUIET_SECONDS: Final = {Topic.JOBS: 0.25}
WANTED: Final = frozenset(Topic) - {Topic.STORE}
