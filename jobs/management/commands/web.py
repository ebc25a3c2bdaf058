"""Runs the web process: dashboard, admin, REST."""

from __future__ import annotations

import contextlib
import resource
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.checks import run_checks
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from jobs.checks import check_bind, sentences
from jobs.conf import get_config
from jobs.maintenance.crew import watch
from jobs.maintenance.forwarding import forwarder_of
from jobs.web.limits import Limits

DEFAULT_BIND = "127.0.0.1:8000"
SOCKET = "unix:"
MOST_FILES = 65_536
FORWARDER_SECONDS = 0.5  # for it to give up its turn


def parse_bind(text: str) -> tuple[str, int]:
    """Host and port of `host:port`, `:port` or `port`; path and 0 of `unix:/path`. Raises CommandError."""
    if text.startswith(SOCKET + "/"):
        return text.removeprefix(SOCKET), 0
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) <= 65_535:
        raise CommandError(f"--bind {text}: give host:port, like {DEFAULT_BIND}, or unix:/path/to/socket")
    return host.strip("[]") or "127.0.0.1", int(port)


def named(host: str, port: int) -> str:
    """The address as people write it."""
    if host.startswith("/"):
        return SOCKET + host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Command(BaseCommand):
    """Serves HTTP and WebSocket on one address; SIGTERM finishes what is being answered and exits 0."""

    help = "Run the web process: dashboard, admin, REST."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The address."""
        parser.add_argument("--bind", default=DEFAULT_BIND, help="host:port or unix:/path to listen on (%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until told to end; a configuration that is refused, or not safe, is not served."""
        host, port = parse_bind(options["bind"])
        refused = [error for error in run_checks() if error.is_serious()]
        if not host.startswith("/"):
            refused += check_bind(host)
        if refused:
            raise CommandError(sentences(refused))
        config = get_config()
        from jobs.web.server import WebServer  # installs Twisted's reactor: only in the web process

        server = WebServer(
            import_string(settings.ASGI_APPLICATION),
            host,
            port,
            grace=config.shutdown_grace_seconds,
            limits=Limits(body_bytes=config.max_body_bytes),
            on_ready=self._announce,
        )
        _allow_connections()
        forwarder, watcher = forwarder_of(config, "web"), watch(config, "web")
        forwarder.start()
        watcher.start()
        server.run()
        watcher.stop()
        forwarder.stop()
        forwarder.join(FORWARDER_SECONDS)
        if server.failure:
            raise CommandError(f"cannot listen on {named(host, port)}: {server.failure}")
        sys.exit(0)

    def _announce(self, host: str, port: int) -> None:
        self.stdout.write(f"web listens on {named(host, port)}")
        self.stdout.flush()


def _allow_connections() -> None:
    """Take as many files as the system lets us have: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # macOS has a limit below the one it tells
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
