"""The trail on a real database file, which tests lock as another process would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connections
from django.test import Client
from django.utils import timezone

from jobs import trail
from jobs.models import AuditEntry

from .people import MakePerson, permission

LOCKS = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN; LOCK TABLE jobs_auditentry IN EXCLUSIVE MODE"}
ANN = trail.Actor("user:3", "ann", "192.0.2.7")


@pytest.fixture
def database(transactional_db: None) -> Iterator[None]:
    """Give the database to all threads; what the scribe still has to write belongs to this test."""
    yield
    trail.scribe.close()


@pytest.fixture
def locked(database: None) -> Callable[[], Any]:
    """Return a context manager in which another writer holds the database."""

    @contextmanager
    def lock() -> Iterator[None]:
        other = connections.create_connection("default")
        with closing(other), other.cursor() as cursor:
            cursor.execute(LOCKS[other.vendor])
            yield
            cursor.execute("ROLLBACK")

    return lock


@pytest.fixture
def staff(db: None) -> MakePerson:
    """Return a function that logs somebody in who may use the admin: with a role, and permissions beside it."""

    def make(role: str = "", *permissions: str, name: str = "ann", superuser: bool = False) -> tuple[Client, User]:
        user = User.objects.create_user(name, password="x", is_staff=True, is_superuser=superuser)
        if role:
            user.groups.add(Group.objects.get(name=role))
        user.user_permissions.add(*(permission(name) for name in permissions))
        client = Client()
        client.force_login(user)
        return client, user

    return make


def only_entry() -> AuditEntry:
    """The entry of a test that makes one."""
    return AuditEntry.objects.get()


def past_entries(*days: int, **fields: Any) -> list[AuditEntry]:
    """Entries of so many days ago, done by default."""
    return [past_entry(timedelta(days=ago), **fields) for ago in days]


def past_entry(ago: timedelta, **fields: Any) -> AuditEntry:
    """An entry of some time ago, done by default."""
    usual = {"actor_id": "user:3", "actor": "ann", "action": "job.retry", "target_kind": "job", "status": "done"}
    entry = AuditEntry(**(usual | fields), at=timezone.now() - ago)
    entry.save()
    return entry
