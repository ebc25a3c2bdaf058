"""Does memory stay flat? `python -m tests.faults.soak --minutes 30 --rate 2000`: a whole installation at work.

Jobs come by POST, a hundred at a time: quick ones, asynchronous ones, ones that report and measure, that fail and die,
that are put off. Pages and API are read all the while. Beside the web process, the pool and the scaler whose processes
are judged stand restless ones, which are killed at random and come back. It prints how fast each process grows that
lived for half of the time at least, follows each job to its end, asks the auditor, and says which rate was reached.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django
import psutil

import tests.settings  # noqa: F401 - the environment of the processes has to be ready first
from jobs.auditor import Auditor
from jobs.conf import load
from jobs.store.store import Store
from tests.engine.pools import Pool
from tests.faults.installation import Installation, installation
from tests.faults.ledger import Ledger
from tests.faults.load import OPEN
from tests.faults.mixture import Mixture
from tests.faults.outage import LEAST_RATE
from tests.faults.restless import Restless
from tests.faults.weights import HEAD, Weights
from tests.support.polling import wait_until

SAMPLE_SECONDS: Final = 2.0
WARM_UP_SHARE: Final = 6  # one part of so many of the time
# What is kept has its final size before the warm-up ends, and nothing is pruned before the ledger has seen its end.
SETTINGS: Final = {"OUTBOX": "true", "RETENTION_MAX": "60000", "DLQ_MAX": "2000"}


class Soak:
    """One installation at work for so many minutes."""

    def __init__(self, ground: Installation, store: Store, restless: Restless, scaler: Pool) -> None:
        self._ground = ground
        self._store = store
        self._restless = restless
        self._scaler = scaler

    def run(self, minutes: float, rate: float) -> int:
        """Do it and print the figures; 0 where they are as they should be."""
        weights, restless = Weights(self._names, minutes * 60 / WARM_UP_SHARE), self._restless
        ports, began = (self._ground.web.port, restless.port), time.monotonic()
        with Ledger(self._store) as ledger:
            with Mixture(ports, self._ground.key, rate, ledger.accept) as mixture:
                while time.monotonic() < began + minutes * 60:
                    mixture.lasts(SAMPLE_SECONDS)
                    weights.take(time.monotonic() - began)
                    restless.look()
            took = time.monotonic() - began
            with suppress(AssertionError):  # the account says what is missing
                wait_until(lambda: not ledger.open and not self._in_flight(), 120, interval=0.2)
        kills = ", ".join(f"{victim} {number}" for victim, number in restless.kills.items())
        reached = ledger.accepted / took
        print(f"{ledger.accepted:,} jobs in {took:.0f} s, {reached:,.0f} a second of {rate:,.0f}. Killed: {kills}.")
        print(f"Answers by status: {dict(mixture.answers)}.")
        return int(self._is_dirty(ledger) | _grows(weights) | (reached < LEAST_RATE * rate))

    def _names(self) -> dict[int, str]:
        """What the processes are, by pid."""
        ground, restless = self._ground, self._restless
        workers = {seen.info.pid for seen in self._store.registry.workers()}
        named = {
            os.getpid(): "the soak itself",
            ground.server.pid: "server",
            ground.web.process.pid: "web",
            restless.web.process.pid: "web, restless",
            self._scaler.pid: "scaler",
            restless.scaler.pid: "scaler, restless",
        }
        return named | dict(_family(ground.pool, "", workers)) | dict(_family(restless.pool, ", restless", workers))

    def _in_flight(self) -> int:
        counts = self._store.reader.state_counts()
        return sum(counts[state] for state in OPEN)

    def _is_dirty(self, ledger: Ledger) -> bool:
        """Tell what became of all jobs; whether any was lost or recorded twice, or the auditor finds something."""
        totals, report = self._store.reader.totals(), Auditor(self._store).run()
        ended = sum(totals.get(each, 0) for each in ("completed", "dead", "cancelled"))
        lost = max(ledger.accepted - min(ledger.ended, totals["created"]), totals["created"] - ended)
        twice = max(ended - ledger.accepted, 0)
        print(f"{ledger.accepted:,} accepted, {totals['created']:,} created, {ended:,} ended: {totals}.")
        print(f"Lost: {lost} ({ledger.vanished} of them gone unseen). Recorded twice: {twice}.", end=" ")
        print(f"Ran too often: {ledger.too_often}. The auditor finds {dict(report.counts) or 'nothing'}.")
        return bool(lost or twice or ledger.too_often or report.counts)


def _family(pool: Pool, mark: str, workers: set[int]) -> Iterator[tuple[int, str]]:
    """The processes of a pool, with what they are."""
    yield pool.pid, f"supervisor{mark}"
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(pool.pid).children():
            yield child.pid, f"{'worker' if child.pid in workers else 'maintenance'}{mark}"


def _grows(weights: Weights) -> bool:
    """Print the table; whether a process grows beyond the bound."""
    judged = weights.end()
    print(f"\n{HEAD}", *map(weights.line, judged), sep="\n")
    print(f"\nEnded too early to be judged: {dict(weights.short) or 'none'}.")
    return any(map(weights.grows, judged))


def soak(minutes: float, rate: float, partitions: int, kill_seconds: float) -> int:
    """Start everything and do it; 0 where memory is flat, every job has ended once, and the rate was reached."""
    with installation("--name", "steady", **SETTINGS, QUEUEFLOW_PARTITIONS=str(partitions)) as ground:
        scaler = Pool(ground.server.url, command="scaler", **ground.environment)
        with closing(Store.open(load(ground.environment))) as store, scaler, Restless(ground, kill_seconds) as restless:
            return Soak(ground, store, restless, scaler).run(minutes, rate)


def main() -> int:
    """The command. 0 where memory is flat and every job has ended once."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30.0, help="for which it works (%(default)s)")
    parser.add_argument("--rate", type=float, default=2000.0, help="jobs a second (%(default)s)")
    parser.add_argument("--partitions", type=int, default=1, help="of the installation (%(default)s)")
    parser.add_argument("--kills", type=float, default=10.0, help="seconds from one to the next (%(default)s)")
    told = parser.parse_args()
    return soak(told.minutes, told.rate, told.partitions, told.kills)


if __name__ == "__main__":
    django.setup()
    sys.exit(main())
