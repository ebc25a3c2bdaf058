"""Runs a pool of worker processes."""

from __future__ import annotations

from argparse import ArgumentParser

from jobs.cli.process import Options, ProcessCommand
from jobs.conf import Config
from jobs.worker.command import add_arguments, pool_options, supervise


class Command(ProcessCommand):
    """A supervisor that forks workers, replaces dead ones, enforces deadlines and drains on SIGTERM.

    SIGHUP replaces all workers one after the other; a second SIGTERM ends everything at once.
    """

    help = "Run a pool of workers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What the pool serves, and how large it may be."""
        add_arguments(parser)
        parser.add_argument("--min", type=int, help="the least workers of this host (MIN_WORKERS)")
        parser.add_argument("--max", type=int, help="the most workers of this host (MAX_WORKERS)")

    def run(self, config: Config, options: Options) -> int:
        """Supervise until told to end."""
        least = config.min_workers if options["min"] is None else options["min"]
        most = max(config.max_workers, least) if options["max"] is None else options["max"]
        return supervise(pool_options(options, min(least, most) if options["min"] is None else least, most, config))
