"""The clock of the outbox: its database's. Hosts that share it may differ in theirs, by which no delay may shrink."""

from __future__ import annotations

from typing import Final

from django.db import connections

from jobs.clock import local_ms

_ASK: Final = {
    "sqlite": "SELECT CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)",  # which is this host's
    "postgresql": "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",  # also within a transaction
}


def database_ms(using: str) -> int:
    """The database's time in ms; this host's where it is neither SQLite nor PostgreSQL. Raises DatabaseError."""
    connection = connections[using]
    ask = _ASK.get(connection.vendor)
    if ask is None:
        return local_ms()
    with connection.cursor() as cursor:
        cursor.execute(ask)
        [now] = cursor.fetchone()
    return int(now)
