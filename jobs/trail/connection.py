"""Database connections for the trail: own ones that never wait long, and borrowed ones that are given back."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.db import router

from jobs import connections
from jobs.connections import brief
from jobs.models import AuditEntry

__all__ = ["alias", "borrowed", "brief", "own"]


def alias() -> str:
    """The database that the trail is in."""
    return router.db_for_write(AuditEntry)


def own() -> AbstractContextManager[str]:
    """See `jobs.connections.own`."""
    return connections.own(alias())


def borrowed() -> AbstractContextManager[str]:
    """See `jobs.connections.borrowed`."""
    return connections.borrowed(alias())
