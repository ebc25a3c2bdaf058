"""What a page can look at, and how often at most it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from jobs.states import State


class Topic(StrEnum):
    """One kind of frame. STORE comes without a subscription."""

    STATUS = "status"
    QUEUES = "queues"
    WORKERS = "workers"
    JOBS = "jobs"
    LIST = "list"
    LIST_PENDING = "list-pending"
    LIST_ACTIVE = "list-active"
    LIST_SCHEDULED = "list-scheduled"
    LIST_RETRYING = "list-retrying"
    LIST_COMPLETED = "list-completed"
    LIST_DEAD = "list-dead"
    LIST_CANCELLED = "list-cancelled"
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


LISTS: Final[dict[Topic, State | None]] = {
    Topic.LIST: None,
    **{topic: State.from_label(topic.partition("-")[2]) for topic in Topic if topic.startswith("list-")},
}
_SECONDS: Final = {Topic.WORKERS: 1.0, Topic.DLQ: 1.0, Topic.CHARTS: 1.0}
_QUIET_SECONDS: Final = dict.fromkeys((Topic.JOBS, *LISTS), 0.25)
WANTED: Final = frozenset(Topic) - {Topic.STORE}


def list_topic(states: Sequence[str]) -> str:
    """The topic of the list of jobs in these states, none of them for any state; "" where it has none."""
    name = "-".join((Topic.LIST.value, *states))
    return name if name in {topic.value for topic in LISTS} else ""
