"""The pages there are, for everything that goes through all of them: in a browser, or timed on a full store.

Who builds a page adds its line; the walk, the injected scripts and the timing then cover it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

ROLES: Final = ("Viewer", "Operator", "Admin")


class PageAddress(NamedTuple):
    """One page. `path` may name things that a store has in braces, see `Places`; `roles` are those who may see it.

    `live`: rows of new jobs arrive on it without a reload.
    """

    name: str
    path: str
    roles: tuple[str, ...] = ROLES
    live: bool = False


class Places(NamedTuple):
    """What the store has that a page can be about: ids of jobs by state, names of other things.

    Each is ready to stand in an address, that is, percent-encoded.
    """

    pending: str
    active: str
    completed: str
    dead: str
    fingerprint: str
    queue: str
    type: str
    worker: str
    operation: str


PAGES: Final = (
    PageAddress("overview", "/", live=True),
    PageAddress("jobs", "/jobs/", live=True),
    PageAddress("jobs-of-a-type", "/jobs/?status=dead&type={type}"),
    PageAddress("jobs-of-a-queue", "/jobs/?queue={queue}"),
    PageAddress("dead-letters", "/dead-letters/"),
    PageAddress("dead-jobs", "/dead-letters/jobs/?error={fingerprint}"),
    *(PageAddress(f"job-{state}", f"/jobs/{{{state}}}/") for state in ("pending", "active", "completed", "dead")),
    PageAddress("operations", "/operations/"),
    PageAddress("operation", "/operations/{operation}/"),
    PageAddress("outbox", "/outbox/"),
    PageAddress("queues", "/queues/"),
    PageAddress("queue", "/queues/{queue}/"),
    PageAddress("workers", "/workers/"),
    PageAddress("audit", "/audit/", roles=("Operator", "Admin")),
    PageAddress("schedules", "/schedules/"),
    PageAddress("schedule", "/schedules/poison/"),
    PageAddress("schedule-form", "/schedules/poison/edit/", roles=("Admin",)),
    PageAddress("scaling", "/scaling/"),
    PageAddress("pool", "/scaling/default/"),
    PageAddress("simulate", "/scaling/default/simulate/", roles=("Admin",)),
    PageAddress("settings", "/settings/"),
    PageAddress("jobs-of-yesterday", "/jobs/?status=completed&priority=normal&tag=vip&finishedAfter=-24h"),
    PageAddress("enqueue", "/jobs/new/", roles=("Operator", "Admin")),
)


def address_of(page: PageAddress, places: Places) -> str:
    """The path and query of a page on a store that has these."""
    return page.path.format(**places._asdict())
