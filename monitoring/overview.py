"""What the first page shows, in one look at the store."""

from __future__ import annotations

from typing import NamedTuple

from jobs.dead_letter import DeadLetterQueue
from jobs.filtering import JobFilter
from jobs.inspection.figures import QueueLine, Stats
from jobs.inspection.groups import GroupLine, GroupsWanted
from jobs.inspection.items import JobItem
from jobs.inspection.status import InstallationStatus, status_of
from jobs.inspector import Inspector
from jobs.maintenance.crew import DUTIES
from jobs.redaction import Redactor
from jobs.store.store import Store

LATEST = 10
DEAD = 8
GROUPS = 5
QUEUES = 20


class Overview(NamedTuple):
    """The page's parts."""

    status: InstallationStatus
    stats: Stats
    queues: list[QueueLine]
    queue_count: int
    latest: list[JobItem]
    dead: list[JobItem]
    groups: list[GroupLine]


def overview_of(store: Store, redactor: Redactor | None = None) -> Overview:
    """Look at everything the page shows to somebody from whom a redactor hides fields. Raises StoreError."""
    inspector, dead_letters = Inspector(store, redactor), DeadLetterQueue(store, redactor)
    queues = inspector.queues()
    return Overview(
        status=status_of(store, DUTIES),
        stats=inspector.stats(),
        queues=sorted(queues, key=_weight)[:QUEUES],
        queue_count=len(queues),
        latest=inspector.jobs(JobFilter(), LATEST).items,
        dead=dead_letters.jobs(JobFilter(), DEAD).items,
        groups=dead_letters.groups(GroupsWanted(most=GROUPS)),
    )


def _weight(queue: QueueLine) -> tuple[int, str]:
    """Those with the most to look at first."""
    return -(queue.pending + queue.active + queue.dead), queue.name
