"""Kills random workers of a busy pool and accounts for every job: `python -m tests.faults.storm --jobs 100000`."""

from __future__ import annotations

import argparse
import os
import random
import time
from collections import Counter
from dataclasses import dataclass

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import psutil

import tests.settings  # noqa: F401 - the environment of the pool has to be ready first
from jobs.auditor import Auditor
from jobs.conf import load
from jobs.ids import new_id
from jobs.store.store import Store
from jobs.types import Envelope, JobRequest
from tests.engine.pools import Pool
from tests.support.polling import wait_until
from tests.support.server import TestServer

BATCH = 250
KEEP_PENDING = 10_000


@dataclass(frozen=True)
class Account:
    """What became of the jobs of a storm."""

    jobs: int
    kills: int
    seconds: float
    states: Counter[str]
    recorded: int  # completions, by the store's counter
    executions: int
    lost_seen: int  # executions that ended as lost
    least_pending: int  # while more were to be fed
    findings: list[str]


class Storm:
    """Feeds `jobs` sleeps of 1 to 4 ms to `workers` workers and kills one a `pause`, `kills` times."""

    def __init__(self, url: str, *, jobs: int, kills: int, workers: int = 4, pause: float = 1.0, seed: int = 0) -> None:
        self._url = url
        self._jobs = jobs
        self._kills = kills
        self._workers = workers
        self._pause = pause
        self._dice = random.Random(seed)
        self._store = Store.open(load({"REDIS_URL": url, "RETENTION_MAX": "1000000"}))
        self._ids: list[str] = []

    def run(self) -> Account:
        """Feed, kill, wait until every job is settled, and account."""
        size = ("--min", str(self._workers), "--max", str(self._workers), "--concurrency", "4")
        with Pool(self._url, *size, RETENTION_MAX="1000000", LOG_LEVEL="INFO") as pool:
            pool.await_ready(self._workers)
            self._feed(min(2 * KEEP_PENDING, self._jobs))
            begun = time.monotonic()
            least = self._rage(pool)
            self._feed(self._jobs)
            wait_until(lambda: self._settled() >= self._jobs, 180.0, interval=0.05)
            seconds = time.monotonic() - begun
        return self._account(seconds, least)

    def _rage(self, pool: Pool) -> int:
        least, killed, next_kill = self._jobs, 0, time.monotonic() + self._pause
        while killed < self._kills:
            pending = self._store.reader.state_counts()["pending"]
            if len(self._ids) < self._jobs:
                least = min(least, pending)
                if pending < 2 * KEEP_PENDING:
                    self._feed(min(len(self._ids) + 10 * BATCH, self._jobs))
            if time.monotonic() >= next_kill:
                killed += self._kill_one(pool)
                next_kill += self._pause
        return least

    def _kill_one(self, pool: Pool) -> int:
        alive = {seen.info.pid for seen in self._store.registry.workers() if seen.alive}
        targets = [process for process in pool.descendants() if process.pid in alive]
        if not targets:
            return 0
        try:
            self._dice.choice(targets).kill()
        except psutil.NoSuchProcess:
            return 0
        return 1

    def _feed(self, up_to: int) -> None:
        while len(self._ids) < up_to:
            batch = [self._request() for _ in range(min(BATCH, up_to - len(self._ids)))]
            self._store.producer.enqueue(batch)
            self._ids += [request.id for request in batch]

    def _request(self) -> JobRequest:
        payload = b'{"seconds": %.4f}' % self._dice.uniform(0.001, 0.004)
        return JobRequest(id=new_id(), type="sleep", envelope=Envelope(payload, 30_000))

    def _settled(self) -> int:
        counts = self._store.reader.state_counts()
        return counts["completed"] + counts["dead"] + counts["cancelled"]

    def _account(self, seconds: float, least: int) -> Account:
        states: Counter[str] = Counter()
        executions = 0
        for start in range(0, len(self._ids), BATCH):
            for record in self._store.reader.records(self._ids[start : start + BATCH]):
                states[record.state.label if record else "gone"] += 1
                executions += record.executions if record else 0
        totals = self._store.reader.totals()
        findings = [str(finding) for finding in Auditor(self._store).run().findings]
        return Account(
            self._jobs, self._kills, seconds, states, totals["completed"], executions, totals.get("reaped", 0), least,
            findings,
        )  # fmt: skip


def main() -> None:
    """Run one storm on a server of its own and print the account."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--workers", type=int, default=4)
    options = parser.parse_args()
    with TestServer(durable=True) as server:
        print(Storm(server.url, jobs=options.jobs, kills=options.kills, workers=options.workers).run())


if __name__ == "__main__":
    main()
