"""Runs the scheduler."""

from __future__ import annotations

from argparse import ArgumentParser

from jobs.cli.process import Options, ProcessCommand
from jobs.conf import Config
from jobs.worker.health import add_health_port
from schedules.process import scheduler_process


class Command(ProcessCommand):
    """Enqueues jobs by schedules. Several may run: one leads, another takes over within five seconds."""

    help = "Run the scheduler."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where it can be asked how it is."""
        add_health_port(parser)

    def run(self, config: Config, options: Options) -> int:
        """Enqueue what is due until told to end."""
        scheduler_process(config, options["health_port"]).run()
        return 0
