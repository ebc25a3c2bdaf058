"""Does memory stay flat? `python -m tests.faults.soak --minutes 30`: a whole installation under 2,000 jobs a second.

Jobs come by POST, a hundred at a time: quick ones, asynchronous ones, ones that report and measure, that fail and die,
that are put off. Pages and API are read all the while. Beside the pool whose processes are weighed stands a restless
one: one of its processes is killed every few seconds, and now and then all of them. It prints how fast each kind of
process grows (PSS, by linear regression over the last two thirds of the time), and what the auditor finds in the end.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django
import psutil

import tests.settings  # noqa: F401 - the environment of the processes has to be ready first
from jobs.auditor import Auditor
from tests.engine.pools import Pool
from tests.faults.installation import Installation, installation
from tests.faults.mixture import Mixture
from tests.support.polling import wait_until

SAMPLE_SECONDS: Final = 2.0
KILL_SECONDS: Final = 5.0  # on average, between two processes of the restless pool that are killed
POOL_KILLS: Final = 12  # one kill of so many is of the whole pool
MOST_GROWTH: Final = 1.0  # MiB in ten minutes, of each process
SETTINGS: Final = {"RETENTION_MAX": "20000", "DLQ_MAX": "5000"}


@dataclass
class Weights:
    """What each kind of process held (MiB), and when (seconds)."""

    processes: Mapping[str, list[psutil.Process]]
    times: list[float] = field(default_factory=list)
    held: dict[str, list[float]] = field(default_factory=dict)

    def take(self, now: float) -> None:
        """Weigh all of them."""
        self.times.append(now)
        for name, some in self.processes.items():
            pss = sum(process.memory_full_info().pss for process in some)
            self.held.setdefault(name, []).append(pss / 2**20 / len(some))

    def growth(self, name: str) -> float:
        """MiB in ten minutes, of one process of the kind."""
        start = len(self.times) // 3
        slope, _ = statistics.linear_regression(self.times[start:], self.held[name][start:])
        return slope * 600


class Restless:
    """A pool whose processes are killed at random."""

    def __init__(self, ground: Installation) -> None:
        self._new = lambda: Pool(ground.server.url, "--min", "2", "--max", "2", **ground.environment)
        self._pool = self._new().start()
        self._dice = random.Random(1)
        self._due = time.monotonic() + KILL_SECONDS
        self.kills = 0

    def look(self) -> None:
        """Kill one process, or all, if it is time to."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + self._dice.expovariate(1 / KILL_SECONDS)
        self.kills += 1
        if self._dice.randrange(POOL_KILLS) == 0:
            self.end()
            self._pool = self._new().start()
        elif below := self._pool.descendants():
            with suppress(psutil.NoSuchProcess):
                self._dice.choice(below).kill()

    def end(self) -> None:
        """Kill all of them."""
        self._pool.__exit__(None, None, None)


def families(ground: Installation) -> dict[str, list[psutil.Process]]:
    """The processes of an installation by what they are."""
    below, workers = ground.pool.descendants(), {seen.info.pid for seen in ground.stage.store.registry.workers()}
    return {
        "web": [psutil.Process(ground.web.process.pid)],
        "supervisor": [psutil.Process(ground.pool.pid)],
        "maintenance": [each for each in below if each.pid not in workers],
        "worker": [each for each in below if each.pid in workers],
        "server": [psutil.Process(ground.server.pid)],
    }


def soak(minutes: float, rate: float) -> int:
    """Do it all and print the figures; 0 where they are as they should be."""
    with installation(**SETTINGS) as ground:
        weights, restless = Weights(families(ground)), Restless(ground)
        began = time.monotonic()
        with Mixture(ground.web.port, ground.key, rate) as mixture:
            while time.monotonic() < began + minutes * 60:
                mixture.lasts(SAMPLE_SECONDS)
                weights.take(time.monotonic() - began)
                restless.look()
        took = time.monotonic() - began
        wait_until(lambda: _open(ground) == 0, 120)
        restless.end()
        return _told(ground, weights, mixture, restless.kills, took)


def _open(ground: Installation) -> int:
    counts = ground.stage.store.reader.state_counts()
    return sum(counts[state] for state in ("pending", "active", "scheduled", "retrying"))


def _told(ground: Installation, weights: Weights, mixture: Mixture, kills: int, took: float) -> int:
    totals, report = ground.stage.store.reader.totals(), Auditor(ground.stage.store).run()
    ended = sum(totals.get(each, 0) for each in ("completed", "dead", "cancelled"))
    print(f"{mixture.accepted:,} jobs accepted in {took:.0f} s, {mixture.accepted / took:,.0f} a second; {kills} kills")
    print(f"{totals['created']:,} created, {ended:,} ended; answers {mixture.answers}; {totals}")
    print(f"the auditor finds {dict(report.counts) or 'nothing'}")
    print("| Process | MiB after a third of the time | MiB at the end | MiB in ten minutes |\n|---|---:|---:|---:|")
    grown = 0
    for name, held in weights.held.items():
        growth, tenth = weights.growth(name), max(1, len(held) // 10)
        third = held[len(held) // 3 :][:tenth]
        print(f"| {name} | {statistics.median(third):.1f} | {statistics.median(held[-tenth:]):.1f} | {growth:+.2f} |")
        grown += growth > MOST_GROWTH
    # A request whose answer was lost may have made its jobs all the same.
    lost = totals["created"] - ended or mixture.accepted > totals["created"]
    return int(bool(grown or lost or report.counts))


def main() -> int:
    """The command. 0 where memory is flat and every job has ended once."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30.0, help="for which it works (%(default)s)")
    parser.add_argument("--rate", type=float, default=2000.0, help="jobs a second (%(default)s)")
    told = parser.parse_args()
    return soak(told.minutes, told.rate)


if __name__ == "__main__":
    django.setup()
    sys.exit(main())
