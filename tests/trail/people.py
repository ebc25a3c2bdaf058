"""People who come to the admin."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import Permission, User
from django.test import Client

from jobs.models import AuditEntry

MakePerson = Callable[..., tuple[Client, User]]


def permission(name: str) -> Permission:
    """The permission `app.codename`."""
    app, _, codename = name.partition(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


def only(action: str) -> AuditEntry:
    """The one entry of an action."""
    return AuditEntry.objects.get(action=action)
