"""Whether every job with tags stands in the index of tags, as far back as that is whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jobs.errors import JobNotFound
from jobs.store.browser import Row, batches
from jobs.store.keeper import Entry
from jobs.store.store import Store
from jobs.types import Envelope, JobRecord

Add = Callable[[str, str, str], None]  # kind, subject, sentence


class Tagging:
    """Compares the tags that jobs were made with and those in their records, which are those they are indexed by.

    Envelopes are read only where an index is kept.
    """

    def __init__(self, store: Store, add: Add) -> None:
        self._store = store
        self._add = add
        self._since = store.tag_index.since()

    def examine(self, entries: Sequence[Entry]) -> None:
        """Look at the jobs of some entries of the index of creation."""
        since = self._since
        if since is None:
            return
        rows = [Row(entry.id, entry.record) for entry in entries if entry.record and entry.place.score >= since]
        for batch in batches(rows):
            envelopes = self._store.reader.envelopes([row.id for row in batch])
            for row, envelope in zip(batch, envelopes, strict=True):
                if not _agree(row.record, envelope):
                    self._look_again(row.id)

    def _look_again(self, job_id: str) -> None:
        """Note a job whose tags still differ, unless the index is kept no longer, or was begun anew."""
        try:
            job = self._store.reader.job(job_id)
        except JobNotFound:
            return
        now = self._store.tag_index.since()
        is_kept = now is not None and self._since is not None and now <= self._since
        if is_kept and not _agree(job.record, job.envelope):
            made = ", ".join(job.envelope.tags) if job.envelope else ""
            self._add("wrong_tags", job_id, f"job {job_id} is not indexed by the tags that it was made with: {made}")


def _agree(record: JobRecord | None, envelope: Envelope | None) -> bool:
    """Whether both have the same tags. One that cannot be read says nothing."""
    return record is None or envelope is None or set(record.tags) == set(envelope.tags)
