"""`manage.py createapikey NAME --scopes …`: makes an API key and shows it, once."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from jobs import trail
from jobs.models import ApiKey
from jobs.scopes import Scope


class Command(BaseCommand):
    """The key alone goes to standard output, so that a script can take it; what it is good for goes to the other."""

    help = "Make an API key and show it, once: only its hash is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("name", help="who uses it, for example the name of a service")
        parser.add_argument(
            "--scopes", nargs="+", required=True, metavar="SCOPE", help=f"of {', '.join(Scope)}; commas will do"
        )
        parser.add_argument("--expires-days", type=int, metavar="N", help="days until it expires; never if not given")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the key. Raises CommandError with a sentence."""
        days = options["expires_days"]
        if days is not None and not 1 <= days <= 36_500:
            raise CommandError("--expires-days: give 1 to 36500")
        name = options["name"].strip()
        if not 1 <= len(name) <= 100:
            raise CommandError("give a name of 1 to 100 characters")
        expires_at = timezone.now() + timedelta(days=days) if days else None
        try:
            key, text = self._issue(name, options["scopes"], expires_at)
        except ValueError as error:
            raise CommandError(f"--scopes: {error}") from error
        self.stdout.write(text)
        until = f" until {expires_at:%Y-%m-%d}" if expires_at else ""
        self.stderr.write(f"This key of {key.name!r} may {', '.join(key.scopes)}{until}. It is not shown again.")

    def _issue(self, name: str, scopes: list[str], expires_at: datetime | None) -> tuple[ApiKey, str]:
        """The key and its entry in the audit trail, both or neither."""
        with transaction.atomic():
            key, text = ApiKey.objects.issue(name, scopes, expires_at=expires_at)
            detail = {"name": str(key), "prefix": key.prefix, "scopes": key.scopes, "expiresAt": expires_at}
            trail.note(actor=trail.shell(), action=trail.Action.KEY_CREATE, target=str(key.pk), count=1, detail=detail)
        return key, text
