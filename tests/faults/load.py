"""A steady load that knows what was accepted, and the account of what became of it."""

from __future__ import annotations

import itertools
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median_low
from typing import Any, Final, Self

from jobs.auditor import Auditor
from jobs.errors import StoreError
from jobs.ids import new_id
from jobs.states import State
from jobs.store.store import Store
from jobs.types import Envelope, JobRecord, JobRequest
from tests.faults.web import ByRest
from tests.support.polling import wait_until

BATCH: Final = 250
FEEDERS: Final = 4
QUICK: Final = Envelope(b'{"seconds":0.003}', 30_000)
SLOW: Final = Envelope(b'{"seconds":0.25}', 30_000)  # so that a fault meets jobs at work
SLOW_SHARE: Final = 10  # one of so many jobs is slow
OPEN: Final = ("pending", "active", "scheduled", "retrying")


@dataclass(frozen=True)
class Account:
    """What became of the accepted jobs. Durations in seconds.

    `lost`: neither completed nor dead. `twice`: completions recorded beyond one a job. `too_often`: jobs that ran more
    often than their retries, releases and snoozes allow. `recovery`: the longest time in which nothing completed though
    something waited. `pause`: the longest between two jobs that were accepted of one feeder. `refusals`: enqueues that
    were refused and repeated. `open`, `claimed`: jobs that had not ended when the fault came, and those of them that
    workers had; of several faults the median.
    """

    accepted: int
    completed: int
    dead: int
    lost: int
    twice: int
    too_often: int
    executions: int
    refusals: int
    recovery: float
    pause: float
    open: int = 0
    claimed: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Nothing was lost, recorded twice or run too often, and the auditor finds nothing."""
        return not (self.lost or self.twice or self.too_often or self.findings)


class Load:
    """Enqueues `rate` jobs a second from four threads, each job repeated under its id until it is accepted.

    Jobs are made by `feeder`, and looked at through `watcher`: a store that the fault does not reach. One of ten takes
    a quarter of a second, the others 3 ms.
    """

    def __init__(self, feeder: Store | ByRest, watcher: Store, rate: float = 300.0, max_retries: int = 3) -> None:
        self.accepted: list[str] = []
        self.refusals = 0
        self._feeder = feeder
        self._watcher = watcher
        self._rate = rate
        self._max_retries = max_retries
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._feed, args=(number,), daemon=True) for number in range(FEEDERS)]
        self._threads.append(threading.Thread(target=self._watch, daemon=True))
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._in_flight: list[tuple[int, int]] = []
        self._recovery = self._pause = 0.0

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Enqueue nothing more."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(30)

    def grows_by(self, jobs: int, seconds: float = 30.0) -> None:
        """Return when so many more were accepted."""
        wanted = len(self.accepted) + jobs
        wait_until(lambda: len(self.accepted) >= wanted, seconds)

    def note_in_flight(self) -> None:
        """Count for the account what is in flight: a fault comes now."""
        counts = self._watcher.reader.state_counts()
        self._in_flight.append((sum(counts[state] for state in OPEN), counts["active"]))

    def add(self, jobs: int, job_type: str, **options: Any) -> None:
        """Have so many jobs of a type, with options of JobRequest, accepted at once."""
        made = [JobRequest(id=new_id(), type=job_type, envelope=QUICK, **options) for _ in range(jobs)]
        for at in range(0, jobs, BATCH):
            self._watcher.producer.enqueue(made[at : at + BATCH])
            self.accepted += [request.id for request in made[at : at + BATCH]]

    def account(self, seconds: float = 60.0) -> Account:
        """Wait until all that was accepted is settled, for so long at most, and count. After `stop`."""
        ids = self.accepted

        def settled() -> bool:
            return all(record is not None and record.state.is_settled for record in self._records(ids))

        with suppress(AssertionError):  # the account says what is missing
            wait_until(settled, seconds)
        records = [record for record in self._records(ids) if record is not None]
        completed = sum(record.state is State.COMPLETED for record in records)
        dead = sum(record.state is State.DEAD for record in records)
        counts = self._watcher.reader.state_counts()
        recorded = self._watcher.reader.totals().get("completed", 0)
        return Account(
            accepted=len(ids),
            completed=completed,
            dead=dead,
            lost=len(ids) - completed - dead,
            twice=recorded - counts["completed"],
            too_often=sum(_ran_too_often(record) for record in records),
            executions=sum(record.executions for record in records),
            refusals=self.refusals,
            recovery=round(self._recovery, 2),
            pause=round(self._pause, 2),
            open=self._in_flight_of(0),
            claimed=self._in_flight_of(1),
            findings=[str(finding) for finding in Auditor(self._watcher).run().findings],
        )

    def _in_flight_of(self, which: int) -> int:
        return median_low([each[which] for each in self._in_flight]) if self._in_flight else 0

    def _feed(self, number: int) -> None:
        """Be one of the feeders."""
        last, gap = time.monotonic(), FEEDERS / self._rate
        due = last + number / self._rate
        while not self._stopping.wait(max(due - time.monotonic(), 0)):
            envelope = QUICK if next(self._numbers) % SLOW_SHARE else SLOW
            self._enqueue(JobRequest(id=new_id(), type="sleep", envelope=envelope, max_retries=self._max_retries))
            self._pause, last = max(self._pause, time.monotonic() - last), time.monotonic()
            due = max(due + gap, time.monotonic() - 0.1)

    def _enqueue(self, request: JobRequest) -> None:
        while True:
            try:
                self._feeder.producer.enqueue([request])
            except StoreError:
                with self._lock:
                    self.refusals += 1
                if self._stopping.wait(0.02):
                    return
            else:
                self.accepted.append(request.id)
                return

    def _watch(self) -> None:
        """Measure the longest time without a completion."""
        last, seen = time.monotonic(), -1
        while not self._stopping.is_set():
            try:
                completed = self._watcher.reader.totals().get("completed", 0)
            except StoreError:
                completed = seen
            now = time.monotonic()
            self._recovery = max(self._recovery, now - last)
            if completed != seen:
                last, seen = now, completed
            self._stopping.wait(0.02)

    def _records(self, ids: list[str]) -> list[JobRecord | None]:
        parts = [ids[at : at + BATCH] for at in range(0, len(ids), BATCH)]
        return [record for part in parts for record in self._watcher.reader.records(part)]


def _ran_too_often(record: JobRecord) -> bool:
    return record.executions > record.max_retries + 1 + record.releases + record.snoozes
