"""A customer database that allows a few calls a second and says so."""

from pathlib import Path

from examples.work.database import transaction

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS calls (called_at REAL NOT NULL)",
    "CREATE INDEX IF NOT EXISTS calls_by_time ON calls (called_at)",
    """CREATE TABLE IF NOT EXISTS customers (
        customer_id TEXT PRIMARY KEY, name TEXT NOT NULL, synced_at REAL NOT NULL)""",
)
CALLS_ALLOWED = 3
WINDOW_SECONDS = 1.0


class RateLimited(Exception):
    """Too many calls; ``retry_after`` seconds from now there is room again."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(
            f"{CALLS_ALLOWED} calls in {WINDOW_SECONDS:g} s are allowed; room again in {retry_after:.2f} s"
        )
        self.retry_after = retry_after


def upsert_customer(database: Path, customer_id: str, name: str, now: float) -> int:
    """Store the customer and return how many there are. ``now`` is a POSIX time in seconds. Raises RateLimited."""
    with transaction(database, SCHEMA) as connection:
        connection.execute("DELETE FROM calls WHERE called_at <= ?", (now - WINDOW_SECONDS,))
        calls = [row[0] for row in connection.execute("SELECT called_at FROM calls ORDER BY called_at")]
        if len(calls) >= CALLS_ALLOWED:
            raise RateLimited(max(0.0, calls[-CALLS_ALLOWED] + WINDOW_SECONDS - now))
        connection.execute("INSERT INTO calls VALUES (?)", (now,))
        connection.execute("INSERT OR REPLACE INTO customers VALUES (?, ?, ?)", (customer_id, name, now))
        (count,) = connection.execute("SELECT COUNT(*) FROM customers").fetchone()
    return int(count)
