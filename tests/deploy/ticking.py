"""A schedule that is due every two seconds while pods come and go: each of its ticks has one job, and no other has."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from tests.support.polling import wait_until

from .load import Load

NAME: Final = "stamps"
TYPE: Final = "stamp"
EVERY: Final = 2.0  # seconds


class Ticking:
    """Made in the installation that `load` talks to. Ticks of a time without a scheduler are made up for."""

    def __init__(self, load: Load) -> None:
        self._load = load
        said = {"name": NAME, "type": TYPE, "cron": f"*/{EVERY:.0f} * * * * *", "missed": "all"}
        self._ask("POST", "", 201, said)

    def _ask(self, method: str, path: str, wanted: int, body: dict[str, Any] | None = None) -> dict[str, Any]:
        status, said = self._load.ask(method, f"/api/schedules{path}", json.dumps(body or {}).encode())
        assert status == wanted, said
        answer: dict[str, Any] = json.loads(said)
        return answer

    @property
    def enqueued(self) -> int:
        """How many ticks had a job."""
        return int(self._ask("GET", f"/{NAME}", 200)["counts"]["enqueued"])

    def await_more(self, count: int) -> None:
        """Until so many ticks more had a job."""
        wanted = self.enqueued + count
        wait_until(lambda: self.enqueued >= wanted, 30, interval=0.2)

    def end(self) -> Ended:
        """Pause it, and tell of all ticks that it had."""
        counts = self._ask("POST", f"/{NAME}/pause", 200)["counts"]
        ticks: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self._ask("GET", f"/{NAME}/ticks?limit=100{cursor}", 200)
            ticks += page["items"]
            cursor = page["nextCursor"] and f"&cursor={page['nextCursor']}"
        return Ended(counts, ticks)


class Ended:
    """What became of a schedule's `ticks`, newest first; `jobs` are the ids of theirs."""

    def __init__(self, counts: dict[str, int], ticks: list[dict[str, Any]]) -> None:
        self.counts, self.ticks = counts, ticks
        self.jobs = {tick["jobId"] for tick in ticks}
        self._times = [datetime.fromisoformat(tick["at"]) for tick in ticks]

    @property
    def is_whole(self) -> bool:
        """Each tick from the first to the last is there, once, with a job of its own."""
        steps = {(later - earlier).total_seconds() for later, earlier in pairwise(self._times)}
        all_enqueued = self.counts == {"enqueued": len(self.ticks), "skipped": 0, "missed": 0, "refused": 0}
        return steps == {EVERY} and all_enqueued and len(self.jobs) == len(self.ticks)

    @property
    def latest(self) -> float:
        """Seconds from the time of a tick to its record, of the one that came latest."""
        recorded = [datetime.fromisoformat(tick["recordedAt"]) for tick in self.ticks]
        return max((then - at).total_seconds() for then, at in zip(recorded, self._times, strict=True))
