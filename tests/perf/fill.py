"""Fills a store with the jobs of a recipe, by the store's own scripts: `python -m tests.perf.fill --jobs 1000000`.

Time is spread over the last twenty hours, so that ranges of time are worth asking for. Without `--url` it fills a
server of its own, says how long that took, and audits it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from jobs.auditor import audit
from jobs.conf import Config
from jobs.store.client import Client
from jobs.store.outcomes import Completed, Failed
from jobs.store.store import Store
from jobs.types import Claim
from tests.perf.recipe import TYPES, Recipe, queue_of
from tests.support.server import TestServer

SPAN_MS: Final = 20 * 3_600_000
CHUNK: Final = 5_000
BATCH: Final = 250
LARGE: Final = 10_000_000  # jobs that retention keeps
LARGE_BYTES: Final = 1 << 40
LINES: Final = [(queue_of(job_type), 1) for job_type in TYPES]


class Filler:
    """Brings the jobs of a recipe into a store that has none of them, oldest first."""

    def __init__(self, url: str, recipe: Recipe, config: Config | None = None) -> None:
        config = replace(config or Config(), redis_url=url, retention_max=LARGE, retention_max_bytes=LARGE_BYTES)
        self._recipe = recipe
        self.store = Store(Client(url, timeout=30.0), config)
        self._claims = self.store.consumer("filler", "f" * 16, "c")
        self._settling = self.store.consumer("filler", "f" * 16, "s")

    def fill(self, progress: Callable[[int], None] = lambda done: None) -> None:
        """Make all jobs, in chunks; `progress` hears how many there are after each."""
        running, waiting = range(self._recipe.settled), range(self._recipe.settled, self._recipe.jobs)
        for numbers in (*_chunks(running), *_chunks(waiting)):
            self._go_to(numbers.start)
            self._enqueue(numbers)
            if numbers.start in running:
                self._run(len(numbers))
            progress(numbers.stop)

    def close(self) -> None:
        """Drop the connections."""
        self._claims.close()
        self._settling.close()
        self.store.close()

    def _go_to(self, number: int) -> None:
        """Let the store's time be that at which a job came."""
        offset_ms = -SPAN_MS + SPAN_MS * number // self._recipe.jobs
        for part in (self.store.producer, self._claims, self._settling):
            part.offset_ms = offset_ms

    def _enqueue(self, numbers: range) -> None:
        for start in range(0, len(numbers), BATCH):
            self.store.producer.enqueue([self._recipe.request(number) for number in numbers[start : start + BATCH]])

    def _run(self, left: int) -> None:
        while left:
            claims = self._claims.claim(LINES, min(left, BATCH))
            assert claims, f"{left} jobs cannot be claimed"
            self._settle(claims)
            left -= len(claims)

    def _settle(self, claims: Iterable[Claim]) -> None:
        outcomes = [self._recipe.outcome(int(claim.id[2:], 16), claim) for claim in claims]
        completed = [outcome for outcome in outcomes if isinstance(outcome, Completed)]
        failed = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
        if completed:
            self._settling.complete(completed)
        if failed:
            self._settling.fail(failed)


def _chunks(numbers: range) -> Iterator[range]:
    return (numbers[start : start + CHUNK] for start in range(0, len(numbers), CHUNK))


def fill(url: str, recipe: Recipe, *, says: bool = False) -> float:
    """Fill the store at a URL; how many seconds it took. `says`: tell on standard error how far it is."""
    started = time.monotonic()
    filler = Filler(url, recipe)
    try:
        filler.fill(_say(recipe) if says else lambda done: None)
    finally:
        filler.close()
    return time.monotonic() - started


def _say(recipe: Recipe) -> Callable[[int], None]:
    def say(done: int) -> None:
        end = "\n" if done == recipe.jobs else ""
        print(f"\r{done:,} of {recipe.jobs:,} jobs", end=end, file=sys.stderr, flush=True)

    return say if sys.stderr.isatty() else lambda done: None


def main() -> None:
    """Fill as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.perf.fill", description=__doc__)
    parser.add_argument("--jobs", type=int, default=Recipe().jobs, help="how many in all (%(default)s)")
    parser.add_argument("--largest", type=int, default=0, help="how many in the largest group (an eighth of the dead)")
    parser.add_argument("--url", default=os.environ.get("REDIS_URL"), help="the server (REDIS_URL, else a new one)")
    given = parser.parse_args()
    recipe = Recipe(given.jobs, given.largest)
    if given.url:
        print(f"filled in {fill(given.url, recipe, says=True):.1f} s")
        return
    with TestServer() as server:
        print(f"filled in {fill(server.url, recipe, says=True):.1f} s")
        print(f"the server uses {server.client().info('memory')['used_memory'] / 2**20:,.0f} MiB")
        report = audit(Filler(server.url, recipe).store)
        print(f"audited in {report.seconds:.1f} s: {report.jobs:,} jobs, {dict(report.counts) or 'the store is whole'}")
        sys.exit(not report.clean)


if __name__ == "__main__":
    main()
