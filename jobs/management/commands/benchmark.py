"""Measures QueueFlow beside other queues on this machine."""

from __future__ import annotations

import subprocess
import sys
from argparse import REMAINDER, ArgumentParser
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """`manage.py benchmark --quick`: passes its arguments on to `python -m benchmarks`."""

    help = "Measure QueueFlow beside other queues on this machine."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whatever the benchmark takes."""
        parser.add_argument("arguments", nargs=REMAINDER, help="see python -m benchmarks --help")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it in a process of its own: it chooses its server and settings itself."""
        if find_spec("benchmarks") is None:
            raise CommandError("the benchmark comes with the source only: run this in a checkout")
        command = [sys.executable, "-m", "benchmarks", *options["arguments"]]
        done = subprocess.run(command, cwd=settings.BASE_DIR, check=False)
        if done.returncode:
            sys.exit(done.returncode)
