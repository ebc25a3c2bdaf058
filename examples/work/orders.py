"""A shop: check an order, reserve its stock, print its shipping label."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from examples.work.database import transaction
from examples.work.files import replacing

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, available INTEGER NOT NULL CHECK (available >= 0))",
    """CREATE TABLE IF NOT EXISTS reservations (
        order_id TEXT NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL, PRIMARY KEY (order_id, sku))""",
)
PRICES_CENTS = {"book": 1990, "lamp": 4550, "mug": 1200, "poster": 800}
OPENING_STOCK = {"book": 100_000, "lamp": 100_000, "mug": 100_000, "poster": 0}


class InvalidOrder(ValueError):
    """The order contradicts itself; no attempt will ever succeed."""


class OutOfStock(Exception):
    """Not enough stock to reserve; a later attempt may find more."""


def validate(payment_id: str, items: Mapping[str, int], total_cents: int) -> None:
    """Check the payment reference and the sum. ``items`` is sku -> quantity. Raises InvalidOrder."""
    if not payment_id.startswith("pay_"):
        raise InvalidOrder(f"{payment_id!r} is not a payment reference")
    unknown = sorted(items.keys() - PRICES_CENTS.keys())
    if unknown:
        raise InvalidOrder(f"not in the catalogue: {', '.join(unknown)}")
    expected = sum(PRICES_CENTS[sku] * quantity for sku, quantity in items.items())
    if expected != total_cents:
        raise InvalidOrder(f"the items cost {expected} cents, the order says {total_cents}")


def reserve(database: Path, order_id: str, items: Mapping[str, int]) -> bool:
    """Take the items out of stock for this order, all or nothing.

    A job can run more than once, so an order that has its reservation already is left alone: True when it was
    reserved now, False when it had been before. Raises OutOfStock, and then nothing is taken.
    """
    with transaction(database, SCHEMA) as connection:
        connection.executemany("INSERT OR IGNORE INTO stock VALUES (?, ?)", OPENING_STOCK.items())
        if connection.execute("SELECT 1 FROM reservations WHERE order_id = ?", (order_id,)).fetchone():
            return False
        for sku, quantity in items.items():
            taken = connection.execute(
                "UPDATE stock SET available = available - ? WHERE sku = ? AND available >= ?", (quantity, sku, quantity)
            )
            if taken.rowcount == 0:
                raise OutOfStock(f"{quantity} x {sku} for order {order_id}: not in stock")
            connection.execute("INSERT INTO reservations VALUES (?, ?, ?)", (order_id, sku, quantity))
    return True


def available(database: Path, sku: str) -> int:
    """How many of ``sku`` are left."""
    with transaction(database, SCHEMA) as connection:
        row = connection.execute("SELECT available FROM stock WHERE sku = ?", (sku,)).fetchone()
    return OPENING_STOCK[sku] if row is None else int(row[0])


def print_label(directory: Path, order_id: str, address: str) -> str:
    """Write the shipping label of the order and return its tracking number, the same on every attempt."""
    digits = int(hashlib.sha256(order_id.encode()).hexdigest(), 16) % 10**10
    tracking_number = f"QF{digits:010d}"
    with replacing(directory / f"{tracking_number}.txt") as partial:
        partial.write_text(f"{tracking_number}\nOrder {order_id}\n{address}\n", encoding="utf-8")
    return tracking_number
