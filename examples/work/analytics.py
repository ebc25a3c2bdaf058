"""Business events counted in SQLite, and the report made of them."""

import csv
from pathlib import Path

from examples.work.database import transaction
from examples.work.files import replacing

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS events (
        event TEXT NOT NULL, order_id TEXT NOT NULL, revenue_cents INTEGER NOT NULL,
        recorded_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (event, order_id))""",
)


class ReportSourceUnavailable(Exception):
    """The database that the report reads from does not answer."""


def record_event(database: Path, event: str, order_id: str, revenue_cents: int) -> dict[str, int]:
    """Note the event once however often it is reported; the totals of this kind of event: ``{events, revenue}``."""
    with transaction(database, SCHEMA) as connection:
        connection.execute(
            "INSERT OR IGNORE INTO events (event, order_id, revenue_cents) VALUES (?, ?, ?)",
            (event, order_id, revenue_cents),
        )
        query = "SELECT COUNT(*), COALESCE(SUM(revenue_cents), 0) FROM events WHERE event = ?"
        events, revenue = connection.execute(query, (event,)).fetchone()
    return {"events": events, "revenue": revenue}


def write_report(database: Path, target: Path) -> int:
    """Write the totals per event as CSV to ``target``; the number of rows below the heading."""
    query = "SELECT event, COUNT(*), SUM(revenue_cents) FROM events GROUP BY event ORDER BY event"
    with transaction(database, SCHEMA) as connection:
        rows = connection.execute(query).fetchall()
    with replacing(target) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("event", "count", "revenue_cents"))
        writer.writerows(rows)
    return len(rows)
