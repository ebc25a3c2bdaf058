"""Times every page and every list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from jobs.clock import isoformat
from tests.e2e.pages import PAGES, address_of
from tests.perf.figures import Figure, timing
from tests.perf.fill import SPAN_MS
from tests.perf.installation import Caller, FullInstallation
from tests.perf.recipe import fingerprint_of

MOST_MS: Final = 100.0
WARM_UP: Final = 3
FAR: Final = 10  # pages of 500 before the far one
HOUR_MS: Final = 3_600_000
PAGE_ROLES: Final = ("Viewer", "Admin")
STATES: Final = ("pending", "active", "scheduled", "retrying", "completed", "dead", "cancelled", "blocked")
MANY: Final = 975  # with those of the recipe nearly as many as a store takes
QUEUE_PAGES: Final = ("/", "/queues/", "/queues/?page=10", "/queues/?name=tenant-99", "/queues/tenant-7/", "/jobs/")
QUEUE_LISTS: Final = ("/api/queues", "/api/status", "/api/metrics")
LISTS: Final = (
    "/api/jobs",
    "/api/jobs?limit=500",
    *(f"/api/jobs?status={state}" for state in STATES),
    "/api/jobs?status=pending&status=dead",
    "/api/jobs?status=dead&type=send-email",
    "/api/jobs?status=pending&type=send-email",
    "/api/jobs?status=completed&type=send-email",
    "/api/jobs?type=send-email",
    "/api/jobs?queue=queue-send-email",
    "/api/jobs?status=pending&queue=queue-send-email",
    "/api/jobs?status=dead&queue=queue-send-email",
    "/api/jobs?priority=high",
    "/api/jobs?tag=tenant-17",
    "/api/jobs?status=dead&tag=tenant-17",
    "/api/dlq",
    "/api/dlq?limit=500",
    "/api/dlq?type=sync-crm",
    "/api/dlq?error=step%207%20refused",
    "/api/dlq/groups",
    "/api/queues",
    "/api/types",
    "/api/workers",
    "/api/stats",
    "/api/status",
    "/api/operations",
    "/api/audit",
    "/health",
)


class Reads:
    """Asks for each of them often enough to tell the 95th percentile."""

    def __init__(self, installation: FullInstallation, rounds: int) -> None:
        self._installation = installation
        self._rounds = rounds

    def pages(self) -> Iterator[Figure]:
        """Pages, to those who see masked fields and to those who do not."""
        for role in PAGE_ROLES:
            caller = self._installation.session_caller(role)
            for page in PAGES:
                if role in page.roles:
                    yield self._timed(caller, f"pages, {role}", address_of(page, self._installation.places))
            caller.close()

    def lists(self) -> Iterator[Figure]:
        """Lists, to keys with and without the right to see payloads."""
        keys = {"everything": self._installation.key, "masked": self._installation.reading_key}
        for name, key in keys.items():
            caller = self._installation.key_caller(key)
            for path in (*LISTS, *self._own()):
                if name == "everything" or path != "/api/audit":
                    yield self._timed(caller, f"lists, {name}", path)
            yield self._timed(caller, f"lists, {name}", self._far(caller), "/api/jobs?limit=500, far down")
            caller.close()

    def with_many_queues(self) -> Iterator[Figure]:
        """What tells of queues, once each of many more has a job that waits."""
        self._installation.open_queues(MANY)
        section = "nearly 1,000 queues"
        person = self._installation.session_caller("Admin")
        for path in QUEUE_PAGES:
            yield self._timed(person, section, path)
        person.close()
        service = self._installation.key_caller(self._installation.key)
        for path in QUEUE_LISTS:
            yield self._timed(service, section, path)
        service.close()

    def _own(self) -> Iterator[str]:
        """Lists and jobs whose addresses depend on what is stored."""
        now = self._installation.kit.reader.now_ms()
        start, end = (quote(isoformat(instant)) for instant in (now - SPAN_MS // 2, now - SPAN_MS // 2 + HOUR_MS))
        places = self._installation.places
        yield f"/api/jobs?createdAfter={start}&createdBefore={end}"
        yield f"/api/jobs?status=completed&finishedAfter={start}&finishedBefore={end}"
        yield f"/api/dlq?finishedAfter={start}&finishedBefore={end}"
        yield f"/api/dlq?error={fingerprint_of(0)}"
        yield from (f"/api/jobs/{job_id}" for job_id in (places.dead, places.completed, places.pending, places.active))

    def _far(self, caller: Caller) -> str:
        """A page far down the list of all jobs."""
        path = "/api/jobs?limit=500"
        for _ in range(FAR):
            page = json.loads(caller.ask(path).body)
            if not page["nextCursor"]:
                break
            path = f"/api/jobs?limit=500&cursor={quote(page['nextCursor'])}"
        return path

    def _timed(self, caller: Caller, section: str, path: str, name: str = "") -> Figure:
        for _ in range(WARM_UP):
            caller.ask(path)
        before = self._installation.busy_ms()
        answers = [caller.ask(path) for _ in range(self._rounds)]
        web, store = (
            (after - start) / self._rounds for after, start in zip(self._installation.busy_ms(), before, strict=True)
        )
        statuses = {answer.status for answer in answers} - {200}
        note = f"processor {web:.1f} in web, {store:.1f} in the store; {len(answers[-1].body) / 1024:.0f} KiB"
        note += f"; answered {sorted(statuses)}" if statuses else ""
        budget = -1.0 if statuses else MOST_MS
        return timing(section, name or path, [answer.ms for answer in answers], budget, note)
