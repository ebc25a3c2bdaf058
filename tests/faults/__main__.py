"""`python -m tests.faults [name ...]` (`make faults`): each fault in its long form, as docs/reliability.md has it.

It prints the tables of the documentation, and says on stderr what is not as it should be. A fault for which this
machine has not what it needs is said to be not run; the others go on, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from functools import partial

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
from tests.faults.proofs import Missing
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.faults.table import HEAD, Row, gap
from tests.support.server import Outage

OUTAGES, FAILOVERS = "outage", "failover"  # names beside those of the scenarios


class Run:
    """Everything that was asked for, line by line. `dirty` counts what is not as it should be."""

    def __init__(self, names: list[str], times: int | None, away: float) -> None:
        self._names = names
        self._times = times
        self._away = away
        self.details: list[str] = []
        self.dirty = 0

    def rows(self) -> Iterator[Row | str]:
        """The lines; what else is to be told is in `details` afterwards."""
        for each in SCENARIOS.values():
            if not self._names or any(name in each.name for name in self._names):
                yield self._tried(each.name, each.how, partial(self._scenario, each))
        if not self._names or OUTAGES in self._names:
            self.details.append(outage.HEAD)
            for how, words in outage.WAYS.items():
                yield self._tried(f"the store is away for {self._away:.0f} s", words, partial(self._outage, how))
        if not self._names or FAILOVERS in self._names:
            self.details.append(f"\n{failover.HEAD}")
            for case in failover.CASES:
                who, mode, loss, _ = case
                if row := self._tried(failover.LOSSES[who], f"{loss}; {mode.name}", partial(self._failover, case)):
                    yield row

    def _tried(self, fault: str, how: str, make: Callable[[], Row | str]) -> Row | str:
        """The line that is made, or what kept it from being made: one fault does not keep the next from its turn."""
        try:
            return make()
        except Missing as missing:
            why = f"not run: needs {missing}"
        except Exception as error:
            traceback.print_exc()
            why = f"failed: {error!r:.200}"
        self._judge(f"{fault}: {how}", [why])
        return gap(fault, how, why)

    def _scenario(self, scenario: Scenario) -> Row:
        times = self._times or scenario.times
        account, told = inject(scenario, times)
        self._judge(scenario.name, scenario.faults(account))
        return Row.of(scenario.name, "; ".join(filter(None, (scenario.how, told))), times, account)

    def _outage(self, how: Outage) -> Row:
        told = outage.run(self._away, outage.RATE, how)
        self._judge(f"the store is away: {how}", told.faults)
        self.details.append(told.line(how))
        return told.row(self._away, how)

    def _failover(self, case: tuple[str, failover.Mode, str, int]) -> Row | str:
        """A mode that may lose jobs has its line in the table of failovers alone."""
        who, mode, how, partitions = case
        told = failover.run(who, mode, how=how, partitions=partitions)
        self._judge(f"failover: {who}, {how}, {mode.name}", told.faults)
        self.details.append(told.line)
        return told.row if mode.wait else ""

    def _judge(self, what: str, faults: list[str]) -> None:
        self.dirty += bool(faults)
        for each in faults:
            print(f"{what}: {each}", file=sys.stderr, flush=True)


def inject(scenario: Scenario, times: int) -> tuple[Account, str]:
    """Do it to a fresh ground; what came of it, and what it told beside."""
    with Ground(**scenario.ground) as ground:
        scenario.inject(ground, times)
        return ground.end(), ground.most[1]


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
