"""Runs one worker."""

from __future__ import annotations

from argparse import ArgumentParser

from jobs.cli.process import Options, ProcessCommand
from jobs.conf import Config
from jobs.worker.command import add_arguments, pool_options, supervise


class Command(ProcessCommand):
    """A pool of exactly one worker process: the same supervisor, the same guarantees."""

    help = "Run one worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What the worker serves."""
        add_arguments(parser)

    def run(self, config: Config, options: Options) -> int:
        """Work until told to end."""
        return supervise(pool_options(options, 1, 1, config))
