"""Cards that are declined and payments that take their time to settle."""

from pathlib import Path

from examples.work.database import transaction

SCHEMA = ("CREATE TABLE IF NOT EXISTS settlements (payment_id TEXT PRIMARY KEY, accepted_at REAL NOT NULL)",)


class PaymentDeclined(Exception):
    """The bank said no."""


def charge_card(last_four: str, order_id: str, amount_cents: int, reason: str) -> None:
    """Ask a bank that never agrees: raises PaymentDeclined with the card, the order and the bank's reason."""
    raise PaymentDeclined(f"card ending {last_four} declined for order {order_id} ({amount_cents} cents): {reason}")


def seconds_to_settle(database: Path, payment_id: str, clearing_seconds: float, now: float) -> float:
    """Seconds until the bank has settled the payment, 0 when it has.

    The first call presents the payment; it settles ``clearing_seconds`` later. ``now`` is a POSIX time in seconds.
    """
    with transaction(database, SCHEMA) as connection:
        connection.execute("INSERT OR IGNORE INTO settlements VALUES (?, ?)", (payment_id, now))
        query = "SELECT accepted_at FROM settlements WHERE payment_id = ?"
        (accepted_at,) = connection.execute(query, (payment_id,)).fetchone()
    return float(max(0.0, accepted_at + clearing_seconds - now))
