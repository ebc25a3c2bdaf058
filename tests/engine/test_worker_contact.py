"""When a worker takes the trouble with its store for its own."""

from __future__ import annotations

import pytest

from jobs.errors import StoreUnavailable
from jobs.worker.contact import Contact

AWAY = StoreUnavailable("Connection refused", "connection")


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give a clock to be set by hand."""
    clock = [100.0]
    monkeypatch.setattr("jobs.worker.contact.monotonic", lambda: clock[0])
    return clock


def test_nothing_is_claimed_while_outcomes_cannot_be_brought(now: list[float]) -> None:
    contact, seen = Contact(), []
    for now[0] in (100.0, 100.9, 101.1):
        contact.settler_failed(AWAY)
        seen.append(contact.cut)
    contact.settler_heard()
    seen.append(contact.cut)
    assert seen == [False, False, True, False]


def test_a_store_that_answers_nobody_is_no_trouble_of_the_worker(now: list[float]) -> None:
    contact = Contact()
    contact.claimer_heard()
    contact.settler_failed(AWAY)
    contact.failed(AWAY)
    now[0] = 200.0
    assert (contact.cut, contact.trouble) == (True, "")


def test_a_store_that_answers_the_claimer_only_is(now: list[float]) -> None:
    contact = Contact()
    contact.settler_failed(AWAY)
    now[0] = 104.0
    contact.claimer_heard()
    assert contact.trouble == ""
    now[0] = 105.1
    assert contact.trouble == "its outcomes do not reach the store"
    contact.settler_heard()
    assert contact.trouble == ""


def test_no_more_files_is_trouble_whoever_finds_out(now: list[float]) -> None:
    contact = Contact()
    contact.failed(StoreUnavailable("Too many open files", "too_many_files"))
    assert contact.trouble == "it can open no more files"
