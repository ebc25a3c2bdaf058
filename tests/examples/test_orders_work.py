"""Stock, labels, events."""

import csv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from examples.work import analytics, orders


def test_a_reservation_takes_stock_once(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.sqlite3"
    assert orders.reserve(inventory, "1001", {"book": 2, "mug": 1}) is True
    assert orders.reserve(inventory, "1001", {"book": 2, "mug": 1}) is False
    assert orders.available(inventory, "book") == orders.OPENING_STOCK["book"] - 2


def test_an_order_that_cannot_be_filled_takes_nothing(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.sqlite3"
    with pytest.raises(orders.OutOfStock, match="1 x poster for order 1002"):
        orders.reserve(inventory, "1002", {"book": 2, "poster": 1})
    assert orders.available(inventory, "book") == orders.OPENING_STOCK["book"]


def test_parallel_reservations_neither_fail_nor_oversell(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.sqlite3"
    with ThreadPoolExecutor(8) as pool:
        reserved = list(pool.map(lambda number: orders.reserve(inventory, str(number), {"lamp": 3}), range(40)))
    assert reserved == [True] * 40
    assert orders.available(inventory, "lamp") == orders.OPENING_STOCK["lamp"] - 120


@pytest.mark.parametrize(
    ("payment", "items", "total", "message"),
    [
        ("cash", {"mug": 1}, 1200, "not a payment reference"),
        ("pay_1", {"piano": 1}, 1200, "not in the catalogue: piano"),
        ("pay_1", {"mug": 2}, 1200, "the items cost 2400 cents, the order says 1200"),
    ],
)
def test_an_order_that_contradicts_itself_is_invalid(
    payment: str, items: dict[str, int], total: int, message: str
) -> None:
    with pytest.raises(orders.InvalidOrder, match=message):
        orders.validate(payment, items, total)


def test_a_correct_order_passes() -> None:
    orders.validate("pay_1", {"mug": 2, "book": 1}, 2 * 1200 + 1990)


def test_a_label_is_the_same_on_every_attempt(tmp_path: Path) -> None:
    first = orders.print_label(tmp_path, "1001", "1 Main Street")
    assert orders.print_label(tmp_path, "1001", "1 Main Street") == first
    assert [path.name for path in tmp_path.iterdir()] == [f"{first}.txt"]
    assert "1 Main Street" in (tmp_path / f"{first}.txt").read_text(encoding="utf-8")


def test_an_event_counts_once(tmp_path: Path) -> None:
    database = tmp_path / "analytics.sqlite3"
    analytics.record_event(database, "order_completed", "1001", 500)
    analytics.record_event(database, "order_completed", "1001", 500)
    assert analytics.record_event(database, "order_completed", "1002", 250) == {"events": 2, "revenue": 750}


def test_the_report_has_a_row_an_event(tmp_path: Path) -> None:
    database = tmp_path / "analytics.sqlite3"
    analytics.record_event(database, "order_completed", "1001", 500)
    analytics.record_event(database, "order_returned", "1001", 0)
    assert analytics.write_report(database, tmp_path / "report.csv") == 2
    with (tmp_path / "report.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file))[1:] == [["order_completed", "1", "500"], ["order_returned", "1", "0"]]
