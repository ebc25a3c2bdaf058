"""Runs one worker."""

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
    """A pool of exactly one worker process: the same supervisor, the same guarantees."""

    help = "Run one worker."

    requires_system_checks = []  # they would load the web's URLs; the configuration is checked all the same

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What the worker serves."""
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until told to end."""
        try:
            config = demand_spread(get_config())
            code = supervise(pool_options(options, 1, 1, config))
        except ConfigError as error:
            raise CommandError(str(error)) from error
        if code:
            sys.exit(code)
