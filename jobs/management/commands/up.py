"""Runs everything on one machine."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from jobs.conf import get_config
from jobs.errors import ConfigError
from jobs.server import ServerError
from jobs.spread import demand_spread
from jobs.up.address import HOST, await_web, choose_port
from jobs.up.changes import Changes
from jobs.up.printer import Printer
from jobs.up.stack import Stack
from jobs.up.welcome import ensure_account, ensure_key

DEMO_HANDLERS = "examples.handlers"
START_SECONDS = 60.0


class Command(BaseCommand):
    """Starts the embedded server where no REDIS_URL is set, then web, a worker pool, the scaler and the scheduler.

    One Ctrl-C stops all.
    """

    help = "Run everything on one machine: store, web, workers, scaler, scheduler."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to run and where."""
        parser.add_argument("--port", type=int, help="port of the web process (the first free one from 8000)")
        parser.add_argument(
            "--demo",
            action="store_true",
            help="also load the examples, enqueue jobs for them, a few more every five seconds, and some by schedules",
        )
        parser.add_argument("--reload", action="store_true", help="restart when source files change")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to end."""
        try:
            config = get_config()
            port = choose_port(options["port"])
        except ConfigError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"port {options['port']} cannot be used: {error.strerror}") from error
        say = Printer(sys.stdout)
        stack = Stack(config, self._environment(options["demo"]), Path(settings.BASE_DIR), say)
        stack.watch_signals()
        try:
            stack.start_server()
            demand_spread(config)
            self._prepare()
            self._start(stack, port, options["demo"])
            stack.run(Changes([Path(settings.BASE_DIR)]) if options["reload"] else None)
        except (ConfigError, ServerError) as error:
            raise CommandError(str(error)) from error
        finally:
            say("up", "stopping")
            stack.stop()
            say("up", "stopped")

    def _environment(self, demo: bool) -> dict[str, str]:
        env = {**os.environ, "PYTHONUNBUFFERED": "1"}
        if demo:
            named = [env.get("QUEUEFLOW_HANDLERS", ""), DEMO_HANDLERS]
            env["QUEUEFLOW_HANDLERS"] = ",".join(name for name in named if name)
        return env

    def _prepare(self) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        if not settings.DEBUG and not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
            call_command("collectstatic", verbosity=0, interactive=False)

    def _start(self, stack: Stack, port: int, demo: bool) -> None:
        config, say, url = get_config(), stack.say, f"http://{HOST}:{port}"
        stack.add("web", "manage.py", "web", "--bind", f"{HOST}:{port}")
        stack.add("pool", "manage.py", "workerpool")
        stack.add("scaler", "manage.py", "scaler")
        stack.add("scheduler", "manage.py", "scheduler")
        if not await_web(url, START_SECONDS, lambda: stack.stopping):
            if not stack.stopping:
                say(
                    "up",
                    f"web did not answer at {url} within {START_SECONDS:g} s: its lines say why; it is started again",
                )
            return
        key = ensure_key(config.var_dir)
        say("up", f"QueueFlow runs at {url}")
        say("up", f"log in: {ensure_account(config.var_dir)}")
        say("up", f"API key: {key}")
        if demo:
            stack.run_once("demo", "-m", "examples.demo_schedules")
            stack.run_once("demo", "-m", "examples.demo", "--url", url, "--key", key, "--trickle")
        say("up", "Ctrl-C stops everything")
