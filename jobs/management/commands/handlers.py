"""Lists the handlers that this installation has."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.cli.table import Column, Table
from jobs.conf import get_config
from jobs.errors import ConfigError
from jobs.handlers import Handler
from jobs.handlers.discovery import discover

TITLES = ("TYPE", "QUEUE", "PRIORITY", "TIMEOUT", "RETRIES", "KIND", "PAYLOAD", "FUNCTION")


class Command(BaseCommand):
    """Shows what is found in installed apps and in QUEUEFLOW_HANDLERS, with the settings jobs get by default."""

    help = "List the job types this installation can run, and the functions that run them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How to print."""
        parser.add_argument("--json", action="store_true", help="print one JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the handlers by type."""
        try:
            config = get_config()
            found = discover(config.handler_modules)
        except ConfigError as error:
            raise CommandError(str(error)) from error
        rows = [describe(handler, config.job_timeout_ms) for handler in found]
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
        elif rows:
            self.stdout.write("\n".join(Table([Column(title) for title in TITLES]).lines(list(map(as_text, rows)))))
        else:
            self.stdout.write(
                "No handlers: give an installed app a handlers.py, or list modules in QUEUEFLOW_HANDLERS."
            )


def describe(handler: Handler, job_timeout_ms: int) -> dict[str, object]:
    """Return one row, in the order of the titles; `timeout` in ms."""
    return {
        "type": handler.name,
        "queue": handler.queue,
        "priority": handler.priority.label,
        "timeout": handler.timeout_ms or job_timeout_ms,
        "maxRetries": handler.max_retries,
        "kind": "async" if handler.is_async else "sync",
        "payload": handler.payload_type or "any",
        "function": handler.path,
    }


def as_text(row: dict[str, object]) -> list[str]:
    """Return the cells of a row for people, who read durations in seconds."""
    return [
        f"{cell / 1000:g}s" if isinstance(cell, int) and name == "timeout" else str(cell) for name, cell in row.items()
    ]
