"""Proves that the store is whole: every id in one place, nothing left over, nothing missing, every counter right.

It only reads and can run beside live traffic: whatever looks wrong is read once more at one instant before it counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from .audit.findings import AuditReport, Findings, together
from .audit.rules import problems_of
from .audit.tagging import Tagging
from .audit.tally import Drift, Tally, imbalances
from .audit.traces import Traces
from .partitioning import partition_of_id
from .store.keeper import Entry
from .store.store import Store
from .store.survey import BATCH, Sight, Survey, Totals

Progress = Callable[[int, int], None]  # steps done, steps expected
PASSES = 8  # a moving counter may differ by as much twice by chance; hardly so often


class Auditor:
    """One audit of one partition. `progress` hears how many of about how many entries were seen.

    `belongs`: whether the job with an id does; None: all do.
    """

    def __init__(
        self, store: Store, progress: Progress | None = None, belongs: Callable[[str], bool] | None = None
    ) -> None:
        self._store = store
        self._belongs = belongs
        self._survey = Survey(store.client, store.keys, store.offset_ms)
        self._findings = Findings()
        self._progress = progress
        self._done = self._expected = 0

    def run(self) -> AuditReport:
        """Look at everything. Raises StoreUnavailable and its kind."""
        started = time.monotonic()
        before = self._survey.totals()
        self._expected = 2 * before.sizes["created"]
        tally = self._examine_jobs()
        Traces(self._store, self._survey, self._judge, self._findings.add, self._step).examine()
        after = self._survey.totals()
        self._compare(tally, before, after)
        for name, text in imbalances(after):
            self._findings.add("imbalance", name, text)
        return AuditReport(
            tally.jobs, self._findings.listed, dict(self._findings.counts), before == after, time.monotonic() - started
        )

    def _examine_jobs(self) -> Tally:
        """Every job of the creation index, whole."""
        tally, tagging = Tally(), Tagging(self._store, self._findings.add)
        for entries in self._survey.entries(self._store.keys.created):
            tagging.examine(entries)
            self._judge([entry.id for entry in entries])
            tally.count_all(entries)
            self._step(len(entries))
            self._look_for_strangers(entries)
        self._count_held(tally)
        return tally

    def _look_for_strangers(self, entries: Sequence[Entry]) -> None:
        """Nobody who asks for a job looks for it elsewhere than where its id says."""
        for entry in entries:
            if self._belongs and not self._belongs(entry.id):
                self._findings.add("in_wrong_partition", entry.id, f"job {entry.id} belongs into another partition")

    def _judge(self, ids: Sequence[str], *hints: str) -> None:
        """Look at some jobs, and note what is wrong with them."""
        for start in range(0, len(ids), BATCH):
            for sight in self._survey.look(ids[start : start + BATCH], *hints):
                self._note(sight)

    def _note(self, sight: Sight) -> None:
        places = self._survey.places_of(sight.record, sight.places) if sight.record else ()
        for kind, text in problems_of(sight, places, self._store.keys):
            self._findings.add(kind, sight.id, text)

    def _compare(self, tally: Tally, before: Totals, after: Totals) -> None:
        """Counters against counts: at once when nothing moved, else what differs by as much in every pass."""
        drift = tally.drift(after)
        for _ in range(PASSES - 1):
            if not drift or before == after:
                break
            before = self._survey.totals()
            again = self._recount()
            after = self._survey.totals()
            latest = again.drift(after)
            drift = latest if before == after else _steady(drift, latest)
        for name, (said, counted) in drift.items():
            self._findings.add("drift", name, f"{name} says {said}, but {counted} were counted")

    def _recount(self) -> Tally:
        tally = Tally()
        for entries in self._survey.entries(self._store.keys.created):
            tally.count_all(entries)
        self._count_held(tally)
        return tally

    def _count_held(self, tally: Tally) -> None:
        """Which pending jobs are held no record tells."""
        for job_type in self._store.type_pauses.all():
            for entries in self._survey.entries(self._store.keys.held(job_type)):
                tally.count_held(entries)

    def _step(self, entries: int) -> None:
        self._done += entries
        if self._progress:
            self._progress(self._done, max(self._expected, self._done))


def _steady(first: Drift, second: Drift) -> Drift:
    """What differs by as much in both."""
    return {name: pair for name, pair in second.items() if name in first and _gap(first[name]) == _gap(pair)}


def _gap(pair: tuple[int, int]) -> int:
    return pair[1] - pair[0]


def audit(store: Store, progress: Progress | None = None) -> AuditReport:
    """The report on a store, each of its partitions by itself. Raises StoreUnavailable and its kind."""
    count = len(store.parts)
    if count == 1:
        return Auditor(store, progress).run()
    reports = []
    for number, part in enumerate(store.parts):
        auditor = Auditor(part, progress, lambda job_id, number=number: partition_of_id(job_id, count) == number)  # type: ignore[misc]
        reports.append(auditor.run())
    return together(reports)
