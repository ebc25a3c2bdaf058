"""`python -m tests.faults [name ...]` (`make faults`): each fault in its long form, as docs/reliability.md has it.

It prints the tables of the documentation, and says on stderr what is not as it should be.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

import tests.settings  # noqa: F401 - the environment of the pools has to be ready first
from tests.faults import (
    clocks,  # noqa: F401 - these enter their scenarios
    failover,
    machine,  # noqa: F401
    outage,
    services,  # noqa: F401
)
from tests.faults.ground import Ground
from tests.faults.load import Account
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.faults.table import HEAD, Row

OUTAGES, FAILOVERS = "outage", "failover"  # names beside those of the scenarios


class Run:
    """Everything that was asked for, line by line. `dirty` counts what is not as it should be."""

    def __init__(self, names: list[str], times: int | None, away: float) -> None:
        self._names = names
        self._times = times
        self._away = away
        self.details: list[str] = []
        self.dirty = 0

    def rows(self) -> Iterator[Row]:
        """The lines; what else is to be told is in `details` afterwards."""
        for each in SCENARIOS.values():
            if not self._names or any(name in each.name for name in self._names):
                yield self._scenario(each, self._times or each.times)
        if not self._names or OUTAGES in self._names:
            yield from self._outages()
        if not self._names or FAILOVERS in self._names:
            yield from self._failovers()

    def _scenario(self, scenario: Scenario, times: int) -> Row:
        account = inject(scenario, times)
        self._judge(scenario.name, [] if account.is_clean else [str(account)])
        return Row.of(scenario.name, scenario.how, times, account)

    def _outages(self) -> Iterator[Row]:
        self.details.append(outage.HEAD)
        for how in outage.WAYS:
            told = outage.run(self._away, outage.RATE, how)
            self._judge(f"the store is away: {how}", told.faults)
            self.details.append(told.line(how))
            yield told.row(self._away, how)

    def _failovers(self) -> Iterator[Row]:
        self.details.append(f"\n{failover.HEAD}")
        for who, mode, how, partitions in failover.CASES:
            told = failover.run(who, mode, how=how, partitions=partitions)
            self._judge(f"failover: {who}, {how}, {mode.name}", told.faults)
            self.details.append(told.line)
            if mode.wait:
                yield told.row

    def _judge(self, what: str, faults: list[str]) -> None:
        self.dirty += bool(faults)
        for each in faults:
            print(f"{what}: {each}", file=sys.stderr, flush=True)


def inject(scenario: Scenario, times: int) -> Account:
    """Do it to a fresh ground."""
    with Ground(**scenario.ground) as ground:
        scenario.inject(ground, times)
        return ground.end()


def main() -> int:
    """Run what is asked for; 1 where something is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="words of names of faults, outage, failover; all if none is given")
    parser.add_argument("--times", type=int, help="how often each is injected, instead of its own number")
    parser.add_argument("--away", type=float, default=60.0, help="seconds of an outage (%(default)s)")
    options = parser.parse_args()
    django.setup()  # so that logs go to stderr
    run = Run(options.names, options.times, options.away)
    print(HEAD, flush=True)
    for row in run.rows():
        print(row, flush=True)
    if run.details:
        print("", *run.details, sep="\n", flush=True)
    return 1 if run.dirty else 0


if __name__ == "__main__":
    sys.exit(main())
