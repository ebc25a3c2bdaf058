"""Runs the scheduler."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.conf import get_config
from jobs.errors import ConfigError
from jobs.spread import demand_spread
from schedules.process import scheduler_process


class Command(BaseCommand):
    """Enqueues jobs by schedules. Several may run: one leads, another takes over within five seconds."""

    help = "Run the scheduler."

    requires_system_checks = []  # they would load the web's URLs; the configuration is checked all the same

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where it can be asked how it is."""
        parser.add_argument("--health-port", type=int, help="serve /health and /metrics/process on this port")

    def handle(self, *args: Any, **options: Any) -> None:
        """Enqueue what is due until told to end."""
        try:
            config = demand_spread(get_config())
            scheduler_process(config, options["health_port"]).run()
        except ConfigError as error:
            raise CommandError(str(error)) from error
