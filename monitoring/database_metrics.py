"""Feeds django-prometheus's metrics of the database by Django's own hooks, whatever the engine.

Its engines would make a class for every cursor, and stand between Django and psycopg's pool.
"""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django_prometheus.db import (
    connections_total,
    errors_total,
    execute_many_total,
    execute_total,
    query_duration_seconds,
)


def connect() -> None:
    """Watch every connection that is made from now on."""
    connection_created.connect(_watch, dispatch_uid=__name__)


def _watch(sender: Any, connection: BaseDatabaseWrapper, **more: Any) -> None:
    connections_total.labels(connection.alias, connection.vendor).inc()
    if _measured not in connection.execute_wrappers:
        connection.execute_wrappers.append(_measured)


def _measured(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    names = (context["connection"].alias, context["connection"].vendor)
    count = len(params) if many and isinstance(params, Sized) else 1
    execute_total.labels(*names).inc(count)
    if many:
        execute_many_total.labels(*names).inc(count)
    try:
        with query_duration_seconds.labels(*names).time():
            return execute(sql, params, many, context)
    except Exception as error:
        errors_total.labels(*names, type(error).__name__).inc()
        raise
