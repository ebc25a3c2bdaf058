"""What fails is borne: longer waits, and a line in the log for what changes."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from jobs import patience as module
from jobs.errors import StoreMisconfigured, StoreUnavailable
from jobs.patience import FIRST_WAIT, Patience

LONGEST_WAIT, SAY_EVERY = StoreUnavailable.longest_wait, StoreUnavailable.say_every


@pytest.fixture
def patience() -> Patience:
    """Return one that has seen no failure."""
    return Patience("test")


def event_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a line is made of."""
    assert isinstance(record.msg, dict)
    return record.msg


class Log:
    """What was said since the last look, and a clock."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self._caplog = caplog
        self.now = 1000.0

    def said(self) -> list[tuple[str, str]]:
        """Levels and words."""
        lines = [(record.levelname, event_of(record)["event"]) for record in self._caplog.records]
        self._caplog.clear()
        return lines


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Log:
    """Return what is said, by a clock that stands."""
    caplog.set_level(logging.INFO)
    made = Log(caplog)
    monkeypatch.setattr(module, "monotonic", lambda: made.now)
    return made


AWAY = ("WARNING", "the store is away")


def test_waits_grow_to_a_limit_and_begin_anew_after_success(patience: Patience) -> None:
    waits = [patience.failed(StoreUnavailable("away")) for _ in range(40)]
    assert FIRST_WAIT / 2 <= waits[0] <= FIRST_WAIT
    assert LONGEST_WAIT / 2 <= max(waits) <= LONGEST_WAIT
    patience.succeeded()
    assert patience.failed(StoreUnavailable("away")) <= FIRST_WAIT


def test_an_outage_is_said_once_and_again_every_30_seconds(patience: Patience, log: Log) -> None:
    for _ in range(20):
        patience.failed(StoreUnavailable("away"))
    assert log.said() == [AWAY]
    log.now += SAY_EVERY + 1
    for _ in range(20):
        patience.failed(StoreUnavailable("away"))
    assert log.said() == [AWAY]


def test_its_end_is_said_once(patience: Patience, log: Log) -> None:
    patience.succeeded()
    assert log.said() == []
    patience.failed(StoreUnavailable("away"))
    for _ in range(2):
        patience.succeeded()
    assert log.said() == [AWAY, ("INFO", "works again")]
    patience.failed(StoreUnavailable("away"))
    assert log.said() == [AWAY]


def test_another_kind_of_trouble_is_said_at_once(patience: Patience, log: Log) -> None:
    for error in (StoreUnavailable("away"), StoreMisconfigured("no password", "auth"), ValueError("a bug")):
        patience.failed(error)
    assert log.said() == [AWAY, ("ERROR", "the store refuses"), ("ERROR", "failed and is tried again")]


def test_a_store_that_is_not_asked_is_no_other_trouble(patience: Patience, log: Log) -> None:
    for kind in ("timeout", "breaker_open", "timeout"):
        patience.failed(StoreUnavailable("away", kind))
    assert log.said() == [AWAY]


def test_how_long_it_waits_and_how_often_it_says_so_is_told_by_the_failure(patience: Patience, log: Log) -> None:
    refused = StoreMisconfigured("no password", "no_auth")
    refused.longest_wait, refused.say_every = 50.0, 300.0
    waits = [patience.failed(refused)]
    log.now += SAY_EVERY + 1
    waits += [patience.failed(StoreUnavailable("not asked", "breaker_open")) for _ in range(20)]
    assert 25.0 <= max(waits) <= 50.0
    assert len(log.said()) == 1
    assert patience.failed(StoreUnavailable("away")) <= LONGEST_WAIT
    assert log.said() == [AWAY]


def test_a_bug_comes_with_its_place_once(patience: Patience, log: Log, caplog: pytest.LogCaptureFixture) -> None:
    error = ValueError("a bug")
    patience.failed(error)
    log.now += SAY_EVERY + 1
    patience.failed(error)
    assert [event_of(record)["exc_info"] for record in caplog.records] == [error, None]
