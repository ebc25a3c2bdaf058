"""Runs a pool of worker processes."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.conf import get_config
from jobs.errors import ConfigError
from jobs.spread import demand_spread
from jobs.worker.command import add_arguments, pool_options, supervise


class Command(BaseCommand):
    """A supervisor that forks workers, replaces dead ones, enforces deadlines and drains on SIGTERM.

    SIGHUP replaces all workers one after the other; a second SIGTERM ends everything at once.
    """

    help = "Run a pool of workers."

    requires_system_checks = []  # they would load the web's URLs; the configuration is checked all the same

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What the pool serves, and how large it may be."""
        add_arguments(parser)
        parser.add_argument("--min", type=int, help="the least workers of this host (MIN_WORKERS)")
        parser.add_argument("--max", type=int, help="the most workers of this host (MAX_WORKERS)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Supervise until told to end."""
        try:
            config = demand_spread(get_config())
            least = config.min_workers if options["min"] is None else options["min"]
            most = max(config.max_workers, least) if options["max"] is None else options["max"]
            code = supervise(pool_options(options, min(least, most) if options["min"] is None else least, most, config))
        except ConfigError as error:
            raise CommandError(str(error)) from error
        if code:
            sys.exit(code)
