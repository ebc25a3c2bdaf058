"""API keys: credentials for services."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone

from jobs.scopes import Scope, granted, parse_scopes

PREFIX_LENGTH = 11
DEFAULT_BURST = 2000
DEFAULT_PER_SECOND = 500


def key_hash(text: str) -> str:
    """The hash by which a key is kept and found. A key is 256 random bits, so a plain hash of it cannot be reversed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def check_scopes(value: Any) -> None:
    """Raise ValidationError unless `value` is a list of scopes."""
    try:
        parse_scopes(value if isinstance(value, list) else [])
    except (ValueError, AttributeError) as error:
        raise ValidationError(str(error)) from error


class ApiKeyManager(models.Manager["ApiKey"]):
    """Makes keys and finds the ones that serve."""

    def issue(self, name: str, scopes: Iterable[str], *, expires_at: datetime | None = None) -> tuple[ApiKey, str]:
        """A new key and its text, which is kept nowhere. Raises ValueError for unknown scopes."""
        key = self.model(name=name, scopes=sorted(parse_scopes(scopes)), expires_at=expires_at)
        text = key.become_new()
        key.save(force_insert=True, using=self.db)
        return key, text


class ApiKey(models.Model):
    """A credential for services. Only its hash is kept; `prefix`, its first characters, tells people which it is."""

    name = models.CharField(max_length=100, help_text="Who uses it, for example the name of a service.")
    prefix = models.CharField(max_length=16, editable=False)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list, validators=[check_scopes])
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: it never expires.")
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    burst = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=f"Most requests at once. Empty: {DEFAULT_BURST:,}.",
    )
    per_second = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=f"Requests a second in the long run. Empty: {DEFAULT_PER_SECOND:,}.",
    )

    objects = ApiKeyManager()

    class Meta:
        ordering = ("name", "-created_at")
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def granted(self) -> frozenset[Scope]:
        """What it may do, the scopes that `admin` includes spelled out."""
        return granted(self.scopes)

    @property
    def status(self) -> str:
        """active, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= timezone.now():
            return "expired"
        return "active"

    @property
    def rate(self) -> tuple[int, int]:
        """(burst, per second): how many requests at once, and how many a second in the long run."""
        return self.burst or DEFAULT_BURST, self.per_second or DEFAULT_PER_SECOND

    def become_new(self) -> str:
        """Give it a text that nobody had, and return it. It is kept nowhere: from here on only its hash is known."""
        text = f"qf_{secrets.token_urlsafe(32)}"
        self.prefix, self.hash = text[:PREFIX_LENGTH], key_hash(text)
        return text

    def revoke(self) -> None:
        """End it for good. Web processes notice within a few seconds."""
        if self.revoked_at is None:
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])
