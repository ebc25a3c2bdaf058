"""The database of tests that commit: what they wrote is removed row by row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction

_OF_MIGRATIONS = (Group, Group.permissions.through, Permission, ContentType)


@contextmanager
def committing() -> Iterator[None]:
    """Let a test commit, and leave what a new installation has.

    Django's `flush` does as much, but makes all permissions and roles anew, which takes longer than most tests. Here
    that is for those that have changed them.
    """
    before = _rows_of_migrations()
    yield
    with transaction.atomic(), connection.cursor() as cursor:  # at the end of which Django checks foreign keys
        for table in _tables_of_tests():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
    if _rows_of_migrations() != before:
        call_command("flush", verbosity=0, interactive=False)


def _rows_of_migrations() -> list[list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        rows = []
        for model in _OF_MIGRATIONS:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)} ORDER BY id")
            rows.append(cursor.fetchall())
    return rows


@cache
def _tables_of_tests() -> list[str]:
    kept = {model._meta.db_table for model in _OF_MIGRATIONS}
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(names) - kept)
