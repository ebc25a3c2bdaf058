"""Runs the scaler."""

from __future__ import annotations

from argparse import ArgumentParser

from jobs.cli.process import Options, ProcessCommand
from jobs.conf import Config
from jobs.worker.health import add_health_port
from scaling.process import scaler_process


class Command(ProcessCommand):
    """Decides how many workers each pool has. Several may run: one leads, another takes over within five seconds."""

    help = "Run the scaler."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where it can be asked how it is."""
        add_health_port(parser)

    def run(self, config: Config, options: Options) -> int:
        """Scale until told to end."""
        scaler_process(config, options["health_port"]).run()
        return 0
