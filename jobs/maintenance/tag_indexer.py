"""Keeps the index of tags as TAG_INDEX says: begins it, enters the jobs that were there before, or ends it."""

from __future__ import annotations

import time
from typing import Final

from jobs.logs import get_logger
from jobs.store.store import Store
from jobs.store.tag_index import MAX_BATCH, Entered
from jobs.types import JobRecord

from .batching import in_batches
from .duty import AT_ONCE, Duty, Result
from .leadership import Leadership, Terms

log = get_logger(__name__)
NAME: Final = "tag-indexer"
PERIOD_SECONDS: Final = 5.0
TERMS: Final = Terms(lease=12.0, renew=4.0, retry=4.0)  # nobody waits for it
RUN_SECONDS: Final = 0.4


class TagIndexer(Duty):
    """The setting of the process that leads decides for all of them."""

    def __init__(self, store: Store, leadership: Leadership) -> None:
        self._store = store
        self._leadership = leadership
        self._index = store.tag_index

    def run_once(self) -> Result:
        """Make the index as it should be; `done` counts the jobs that were entered."""
        if not self._store.config.tag_index:
            if self._index.end(NAME, self._leadership.token):
                log.info("the index of tags is kept no longer")
            return Result()
        until, done = time.monotonic() + RUN_SECONDS, 0
        since = self._index.begin(NAME, self._leadership.token)
        while since > 0:
            since, entered = self._fill(since)
            done += entered
            if since == 0:
                log.info("the index of tags is whole")
            elif time.monotonic() > until:
                break
        return Result(done, AT_ONCE if since > 0 else None)

    def _fill(self, since: int) -> tuple[int, int]:
        """Enter the jobs made last before `since`: from where on the index is whole now, and how many were entered."""
        places = self._store.reader.walk([self._store.keys.created], MAX_BATCH, up_to=since - 1)
        reached = int(places[-1].score) if len(places) == MAX_BATCH else 0
        items = self._items([place.id for place in places])
        if not self._index.fill(NAME, self._leadership.token, since, reached, items):
            return self._index.begin(NAME, self._leadership.token), 0
        return reached, len(items)

    def _items(self, ids: list[str]) -> list[Entered]:
        pairs = zip(ids, self._store.reader.records(ids), strict=True)
        rows = [(job_id, record) for job_id, record in pairs if record and not record.tags]
        return [item for batch in in_batches(rows, lambda row: row[1].size) for item in self._tagged(batch)]

    def _tagged(self, rows: list[tuple[str, JobRecord]]) -> list[Entered]:
        envelopes = self._store.reader.envelopes([job_id for job_id, _ in rows])
        return [
            (job_id, record.version, envelope.tags)
            for (job_id, record), envelope in zip(rows, envelopes, strict=True)
            if envelope and envelope.tags
        ]
