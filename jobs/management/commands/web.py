"""Runs the web process: dashboard, admin, REST."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from jobs.conf import get_config
from jobs.errors import ConfigError

DEFAULT_BIND = "127.0.0.1:8000"


def parse_bind(text: str) -> tuple[str, int]:
    """Host and port of `host:port`, `:port` or `port`. Raises CommandError."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) <= 65_535:
        raise CommandError(f"--bind {text}: give host:port, like {DEFAULT_BIND}")
    return host.strip("[]") or "127.0.0.1", int(port)


class Command(BaseCommand):
    """Serves HTTP and WebSocket on one address; SIGTERM finishes what is being answered and exits 0."""

    help = "Run the web process: dashboard, admin, REST."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The address."""
        parser.add_argument("--bind", default=DEFAULT_BIND, help="host:port to listen on (%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until told to end."""
        host, port = parse_bind(options["bind"])
        try:
            config = get_config()
        except ConfigError as error:
            raise CommandError(str(error)) from error
        from jobs.web.server import WebServer  # installs Twisted's reactor: only in the web process

        application = import_string(settings.ASGI_APPLICATION)
        server = WebServer(application, host, port, grace=config.shutdown_grace_seconds, on_ready=self._announce)
        server.run()
        if server.exit_code:
            raise CommandError(f"cannot listen on {host}:{port}: is it in use?")
        sys.exit(0)

    def _announce(self, host: str, port: int) -> None:
        self.stdout.write(f"web listens on http://{host}:{port}")
        self.stdout.flush()
