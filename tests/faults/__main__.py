"""`python -m tests.faults [name ...]` (`make faults`): each fault in its long form, as docs/reliability.md has it."""

from __future__ import annotations

import argparse
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

import tests.settings  # noqa: F401 - the environment of the pools has to be ready first
from tests.faults import (
    failover,
    machine,  # noqa: F401 - enters its scenarios
)
from tests.faults.ground import Ground
from tests.faults.load import Account
from tests.faults.scenarios import SCENARIOS, Scenario

HEAD = (
    "| Fault | How | Times | Jobs | Executions | Refused, repeated | Lost | Recorded twice | Longest recovery |\n"
    "|---|---|---:|---:|---:|---:|---:|---:|---:|"
)


def run(scenario: Scenario, times: int) -> Account:
    """Do it to a fresh ground."""
    with Ground(**scenario.ground) as ground:
        scenario.do(ground, times)
        return ground.end()


def row(scenario: Scenario, times: int, account: Account) -> str:
    """A line of the table."""
    figures = (
        times, account.accepted, account.executions, account.refusals, account.lost, account.twice,
    )  # fmt: skip
    cells = [scenario.name, scenario.how, *(f"{figure:,}" for figure in figures), f"{account.recovery:.1f} s"]
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Run what is asked for; 1 where an account is not clean."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="words of names of faults, or failover; all if none is given")
    parser.add_argument("--times", type=int, help="how often each is injected, instead of its own number")
    options = parser.parse_args()
    wanted = [each for each in SCENARIOS.values() if not options.names or any(n in each.name for n in options.names)]
    django.setup()  # so that logs go to stderr
    dirty = 0
    if wanted:
        print(HEAD, flush=True)
    for scenario in wanted:
        times = options.times or scenario.times
        account = run(scenario, times)
        print(row(scenario, times, account), flush=True)
        if not account.is_clean:
            dirty += 1
            print(account, file=sys.stderr, flush=True)
    if not options.names or "failover" in options.names:
        dirty += not failover.table()
    return 1 if dirty else 0


if __name__ == "__main__":
    sys.exit(main())
