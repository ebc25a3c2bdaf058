"""Database connections for threads of our own: short-tempered ones, and borrowed ones that are given back."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

LONGEST_SECONDS: Final = 1.5  # for one thing: to connect, to get a lock, to be answered
_MS: Final = int(LONGEST_SECONDS * 1000)


def short_tempered(name: str) -> BaseDatabaseWrapper:
    """A connection to a configured database that waits 1.5 s at most where the usual one waits for 20 or for ever.

    It is not from the pool, so that a busy pool is not waited for either.
    """
    settings: dict[str, Any] = copy.deepcopy(connections.settings[name])
    options = settings["OPTIONS"]
    backend = load_backend(settings["ENGINE"])
    if backend.DatabaseWrapper.vendor == "sqlite":
        options["timeout"] = LONGEST_SECONDS
    elif backend.DatabaseWrapper.vendor == "postgresql":
        options.pop("pool", None)
        options["connect_timeout"] = max(2, round(LONGEST_SECONDS))  # libpq knows no shorter one
        options["tcp_user_timeout"] = _MS
    made: BaseDatabaseWrapper = backend.DatabaseWrapper(settings, name)
    return made


@contextmanager
def brief(name: str) -> Iterator[None]:
    """A transaction on a short-tempered connection, each of whose statements ends in time."""
    with transaction.atomic(using=name):
        connection = connections[name]
        if connection.vendor == "postgresql":  # in this form, poolers before the server accept it too
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {_MS}")
        yield


@contextmanager
def own(name: str) -> Iterator[str]:
    """For the calling thread: a short-tempered connection in place of its usual one, closed at the end.

    Gives the alias under which the ORM finds it.
    """
    usual = connections[name]
    connections[name] = made = short_tempered(name)
    try:
        yield name
    finally:
        connections[name] = usual
        made.close()


@contextmanager
def borrowed(name: str) -> Iterator[str]:
    """For reading: the thread's usual connection, checked first, and closed at the end unless it was open before.

    Threads that serve requests so keep no connections of their own. Gives the alias.
    """
    connection = connections[name]
    was_open = connection.connection is not None
    if was_open and not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    try:
        yield name
    finally:
        if not was_open:
            connection.close()
