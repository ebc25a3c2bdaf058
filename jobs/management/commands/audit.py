"""`manage.py audit [--json]`: proves that the store is whole."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.audit.findings import AuditReport
from jobs.auditor import audit
from jobs.cli.printable import safe, safe_json
from jobs.errors import StoreError
from jobs.store.store import get_store

WIDTH = 40
BIG = 20_000  # entries from which on a progress bar is worth its line


class Command(BaseCommand):
    """Ends with 0 when the store is whole, 1 when something was found, 2 when the store could not be read."""

    help = "Check that every job is in exactly one place, nothing is left over, and all counters are right. Only reads."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Audit and print. Raises CommandError with a sentence, SystemExit for findings."""
        shows = sys.stderr.isatty()
        try:
            report = audit(get_store(), self._progress if shows else None)
        except StoreError as error:
            raise CommandError(f"the store cannot be read: {error}", returncode=2) from error
        if shows:
            self.stderr.write("\r\x1b[K", ending="")
        if options["json"]:
            self.stdout.write(safe_json(report))
        else:
            self._print(report)
        if not report.clean:
            sys.exit(1)

    def _print(self, report: AuditReport) -> None:
        for finding in report.findings:
            self.stdout.write(f"{finding.kind}: {safe(finding.text)}")
        if report.total > len(report.findings):
            self.stdout.write(f"… and {report.total - len(report.findings)} more")
        how = "nothing changed meanwhile" if report.quiet else "while jobs were moving"
        what = f"{report.jobs:,} jobs in {report.seconds:.1f} s, {how}"
        if report.clean:
            self.stdout.write(self.style.SUCCESS(f"The store is whole: {what}."))
        else:
            kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(report.counts.items()))
            self.stdout.write(self.style.ERROR(f"{report.total} findings ({kinds}) in {what}."))

    def _progress(self, done: int, expected: int) -> None:
        if expected < BIG:
            return
        filled = WIDTH * done // expected
        bar = "█" * filled + "·" * (WIDTH - filled)
        self.stderr.write(f"\r{bar} {100 * done // expected:3d} %", ending="")
