"""Fills a store with a million jobs, measures pages, lists, searches and a bulk retry on it, and says what is too slow.

`python -m tests.perf [--jobs N] [--rounds N] [--json PATH]`; `make perf`. Ends with 1 when something is over budget.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import django

from benchmarks.machine import describe
from tests.perf.figures import Figure, write
from tests.perf.installation import FullInstallation
from tests.perf.reads import Reads
from tests.perf.recipe import Recipe
from tests.perf.retrying import bulk_retry
from tests.perf.searches import searches
from tests.perf.slow_log import SlowLog

RESULT = Path("var/perf.json")


def measure(installation: FullInstallation, rounds: int) -> Iterator[Figure]:
    """Everything, with what the server's slow log says of each part."""
    installation.come_first()
    slow_log = SlowLog(installation.server.client())
    reads = Reads(installation, rounds)
    used = int(installation.server.client().info("memory")["used_memory"])
    yield Figure("store", "memory of the server", used / 2**20, "MiB", note=f"{installation.recipe.jobs:,} jobs")
    yield Figure("store", "time to fill it", installation.fill_seconds, "s")
    parts: dict[str, Iterable[Figure]] = {
        "pages": reads.pages(),
        "lists": reads.lists(),
        "searches": searches(installation),
        "bulk retry": bulk_retry(installation),
        "many queues": reads.with_many_queues(),
    }
    for name, figures in parts.items():
        yield from figures
        yield from slow_log.look(f"server during {name}")


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.perf", description=__doc__)
    parser.add_argument("--jobs", type=int, default=Recipe().jobs, help="how many jobs are stored (%(default)s)")
    parser.add_argument("--rounds", type=int, default=100, help="how often each page is asked for (%(default)s)")
    parser.add_argument("--json", type=Path, default=RESULT, help="where the figures go (%(default)s)")
    given = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    figures: list[Figure] = []
    about: dict[str, Any] = {"machine": describe(), "load": os.getloadavg()}
    with (
        tempfile.TemporaryDirectory(prefix="queueflow-perf-") as folder,
        FullInstallation(Path(folder), Recipe(given.jobs)) as installation,
    ):
        for figure in measure(installation, given.rounds):
            if not figures or figures[-1].section != figure.section:
                print(f"\n{figure.section}")
            print(figure.line, flush=True)
            figures.append(figure)
    write(given.json, figures, about | {"jobs": given.jobs, "rounds": given.rounds})
    over = [figure for figure in figures if not figure.holds]
    print(f"\n{len(figures)} figures, {len(over)} over budget")
    print("\n".join(f"{figure.section}: {figure.line.strip()}" for figure in over))
    sys.exit(bool(over))


if __name__ == "__main__":
    main()
