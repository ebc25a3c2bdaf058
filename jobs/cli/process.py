"""The root of commands that are a process of the installation: `manage.py worker`, `workerpool`, `scaler`, …"""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.conf import Config, get_config
from jobs.errors import ConfigError
from jobs.spread import demand_spread

Options = dict[str, Any]


class ProcessCommand(BaseCommand):
    """A command that runs until it is told to end. A configuration that is refused ends it with one sentence."""

    requires_system_checks = ()  # they would load the web's URLs; the configuration is checked all the same

    def handle(self, *args: Any, **options: Any) -> None:
        """Run. Raises CommandError with a sentence, SystemExit."""
        try:
            code = self.run(demand_spread(get_config()), options)
        except ConfigError as error:
            raise CommandError(str(error)) from error
        if code:
            sys.exit(code)

    def run(self, config: Config, options: Options) -> int:
        """Work until told to end. Returns the exit code. Raises ConfigError when it cannot begin."""
        raise NotImplementedError
