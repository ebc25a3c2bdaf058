"""Reads for lists over all partitions."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.store.browser import MOST_ACTIVE, Browser, Head, Row
from jobs.store.reader import Place

from .spread import Spread


class SpreadBrowser(Browser):
    """A `Browser` over all partitions."""

    def __init__(self, spread: Spread) -> None:
        self._spread = spread

    def rows(self, ids: Sequence[str]) -> list[Row]:
        """The records of some jobs, in order."""
        told = self._spread.of_ids(ids, lambda part, some: part.browser.rows(some))
        found = {row.id: row for rows in told for row in rows}
        return [found[job_id] for job_id in ids if job_id in found]

    def heads(self, rows: Sequence[Row], most: int = 1024) -> dict[str, Head]:
        """What the payloads of jobs start with, at most `most` bytes; nothing for envelopes that cannot be decoded."""
        known = {row.id: row for row in rows}
        told = self._spread.of_ids(
            known, lambda part, some: part.browser.heads([known[job_id] for job_id in some], most)
        )  # fmt: skip
        return {job_id: head for heads in told for job_id, head in heads.items()}

    def earlier_payloads(self, job_id: str, version: int) -> list[bytes | None]:
        """The payloads that a job had before the one of this version, oldest first; None where gone or unreadable."""
        part = self._spread.of(job_id)
        return self._spread.ask(part, lambda part: part.browser.earlier_payloads(job_id, version))

    def active(self) -> list[Place] | None:
        """All active jobs by when they were made, latest first; None when there are more than ten thousand."""
        found: list[Place] = []
        for places in self._spread.everywhere(lambda part: part.browser.active()):
            if places is None or len(found) + len(places) > MOST_ACTIVE:
                return None
            found += places
        return sorted(found, reverse=True)

    def size_between(self, index: str, low: float | None, high: float | None) -> int:
        """How many entries of an index have a score from `low` to `high`; None stands for no limit."""
        return sum(self._spread.of_indexes([index], lambda part, _: part.browser.size_between(index, low, high)))

    def lowest(self, indexes: Sequence[str]) -> list[float | None]:
        """The score that each index begins with; None for an empty one."""
        return self._spread.by_index(indexes, lambda part, some: part.browser.lowest(some))

    def leads(self, duty: str) -> bool:
        """True while somebody is in charge of a duty, in each partition where it is one of a partition."""
        return all(part.browser.leads(duty) for part in self._spread.led_in(duty))

    def ping(self) -> None:
        """Raises StoreError unless all servers answer."""
        self._spread.of_servers(lambda part: part.browser.ping())

    def probe(self) -> None:
        """Raises StoreError unless all servers take a write; its kind says why not."""
        self._spread.of_servers(lambda part: part.browser.probe())
