"""Banks and services that make one wait."""

from pathlib import Path

import pytest

from examples.work import crm, payments


def test_a_card_is_always_declined() -> None:
    with pytest.raises(payments.PaymentDeclined, match=r"card ending 4242 declined for order 1001 .*: expired card"):
        payments.charge_card("4242", "1001", 1990, "expired card")


def test_a_payment_settles_after_its_clearing_time(tmp_path: Path) -> None:
    database = tmp_path / "payments.sqlite3"
    assert payments.seconds_to_settle(database, "pay_1", 5.0, now=1000.0) == 5.0
    assert payments.seconds_to_settle(database, "pay_1", 5.0, now=1003.5) == 1.5
    assert payments.seconds_to_settle(database, "pay_1", 5.0, now=1005.0) == 0.0


def test_each_payment_has_its_own_clock(tmp_path: Path) -> None:
    database = tmp_path / "payments.sqlite3"
    payments.seconds_to_settle(database, "pay_1", 5.0, now=1000.0)
    assert payments.seconds_to_settle(database, "pay_2", 5.0, now=1004.0) == 5.0


def test_the_crm_says_when_there_is_room_again(tmp_path: Path) -> None:
    database = tmp_path / "crm.sqlite3"
    for number in range(crm.CALLS_ALLOWED):
        assert crm.upsert_customer(database, f"c{number}", "Ada", now=100.0 + number / 10) == number + 1
    with pytest.raises(crm.RateLimited) as refusal:
        crm.upsert_customer(database, "c9", "Eve", now=100.5)
    assert refusal.value.retry_after == pytest.approx(0.5)
    assert crm.upsert_customer(database, "c9", "Eve", now=101.0) == crm.CALLS_ALLOWED + 1


def test_a_refused_call_stores_no_customer(tmp_path: Path) -> None:
    database = tmp_path / "crm.sqlite3"
    for _ in range(crm.CALLS_ALLOWED):
        crm.upsert_customer(database, "c1", "Ada", now=100.0)
    with pytest.raises(crm.RateLimited):
        crm.upsert_customer(database, "c2", "Eve", now=100.0)
    assert crm.upsert_customer(database, "c1", "Ada", now=102.0) == 1
