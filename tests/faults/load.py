"""A steady load that knows what was accepted, and the account of what became of it."""

from __future__ import annotations

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from statistics import median_low
from typing import Any, Final, Self

from jobs.auditor import audit
from jobs.errors import StoreError
from jobs.ids import new_id
from jobs.states import State
from jobs.store.store import Store
from jobs.types import Envelope, JobRecord, JobRequest
from tests.faults.watch import Watch, ran_too_often
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
    often than their retries, releases and snoozes allow. `pause`: the longest time in which nothing completed in a
    partition though something waited. `feeders_pause`: the longest between two jobs that were accepted of one feeder.
    `recovery`: the longest time from a fault's end, or its beginning where it does not end by itself, until all jobs
    had ended that had not when it came; `lasted`: from its beginning to its end. `refusals`: enqueues that were refused
    and repeated. `open`, `claimed`: jobs that had not ended when the fault came, and those of them that workers had; of
    several faults the median.
    """

    accepted: int
    completed: int
    dead: int
    lost: int
    twice: int
    too_often: int
    executions: int
    refusals: int
    pause: float
    feeders_pause: float
    recovery: float = 0.0
    lasted: float = 0.0
    open: int = 0
    claimed: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Nothing was lost, recorded twice or run too often, and the auditor finds nothing."""
        return not (self.lost or self.twice or self.too_often or self.findings)

    def late(self, most: float) -> list[str]:
        """In words what took longer than so many seconds beyond the fault."""
        found = []
        if self.recovery > most:
            found.append(f"the last struck job ended after {self.recovery:.1f} s, {most:.1f} are allowed")
        if self.pause > self.lasted + most:
            found.append(f"nothing completed for {self.pause:.1f} s, {most:.1f} beyond the fault are allowed")
        return found


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
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._pause = 0.0
        self._watch = Watch(watcher, self.accepted)

    def __enter__(self) -> Self:
        self._watch.start()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._watch.close()

    def stop(self) -> None:
        """Enqueue nothing more."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(30)

    def grows_by(self, jobs: int, seconds: float = 30.0) -> None:
        """Return when so many more were accepted."""
        wanted = len(self.accepted) + jobs
        wait_until(lambda: len(self.accepted) >= wanted, seconds)

    def strike(self) -> None:
        """A fault comes now: see what is in flight, for the account, and when that has ended."""
        self._watch.strike()

    def over(self, *, rolled_back: bool = False) -> None:
        """It has gone: what it struck, and may have rolled back, has to end from now on. Not called where a fault does
        not go by itself."""
        self._watch.over(rolled_back=rolled_back)

    def settles(self, seconds: float) -> None:
        """Return when all that any fault struck has ended. Raises AssertionError after so long."""
        wait_until(lambda: self._watch.is_settled, seconds)

    def add(self, jobs: int, job_type: str, **options: Any) -> list[str]:
        """Have so many jobs of a type, with options of JobRequest, accepted at once; they are part of the fault."""
        made = _made(jobs, job_type, options)
        for batch in made:
            self._take(self._watcher, batch)
        return [request.id for batch in made for request in batch]

    def burst(self, jobs: int, job_type: str) -> float:
        """The same by all feeders together; the seconds that it took them."""
        assert isinstance(self._feeder, Store)
        made = _made(jobs, job_type, {})
        with ThreadPoolExecutor(FEEDERS) as feeders:
            begun = time.monotonic()
            list(feeders.map(partial(self._take, self._feeder), made))
            return time.monotonic() - begun

    def account(self, seconds: float = 60.0) -> Account:
        """Wait until all that was accepted is settled, for so long at most, and count. After `stop`."""
        ids, strikes = self.accepted, self._watch.strikes

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
            too_often=sum(ran_too_often(record) for record in records),
            executions=sum(record.executions for record in records),
            refusals=self.refusals,
            pause=round(self._watch.pause, 2),
            feeders_pause=round(self._pause, 2),
            recovery=round(max([strike.recovery for strike in strikes], default=0.0), 2),
            lasted=max([strike.lasted for strike in strikes], default=0.0),
            open=median_low([strike.struck for strike in strikes] or [0]),
            claimed=median_low([strike.claimed for strike in strikes] or [0]),
            findings=self.findings(),
        )

    def findings(self) -> list[str]:
        """What the auditor finds now."""
        return [str(finding) for finding in audit(self._watcher).findings]

    def harm(self) -> list[str]:
        """What is not as it should be with the jobs that the latest fault struck, once they have ended."""
        strike = self._watch.strikes[-1]
        counts = {"are gone": strike.gone, "ran too often": strike.too_often}
        return [f"{number} struck jobs {words}" for words, number in counts.items() if number]

    def _take(self, store: Store, batch: list[JobRequest]) -> None:
        store.producer.enqueue(batch)
        ids = [request.id for request in batch]
        self._watch.adds(ids)
        self.accepted += ids

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

    def _records(self, ids: list[str]) -> list[JobRecord | None]:
        parts = [ids[at : at + BATCH] for at in range(0, len(ids), BATCH)]
        return [record for part in parts for record in self._watcher.reader.records(part)]


def _made(jobs: int, job_type: str, options: dict[str, Any]) -> list[list[JobRequest]]:
    made = [JobRequest(id=new_id(), type=job_type, envelope=QUICK, **options) for _ in range(jobs)]
    return [made[at : at + BATCH] for at in range(0, jobs, BATCH)]
