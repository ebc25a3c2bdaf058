"""The loop around every duty: it leads, rests, bears outages and bugs, and ends when told to."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from jobs.maintenance.duty import Duty, Result
from jobs.maintenance.leadership import Leadership, Terms
from jobs.maintenance.runner import Plan
from jobs.store.store import Store
from tests.support.jobs import StoreKit
from tests.support.polling import wait_until
from tests.support.server import TestServer

from .conftest import MakeRunner, depose


class Tally:
    """Counts what duties did, over all that were made."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.closed = 0
        self.error: Exception | None = None
        self.ran = threading.Event()

    def plan(self, period: float = 0.01, **options) -> Plan:
        """A plan for a duty that counts here."""
        return Plan("count", period, lambda store, leadership: Counting(self, store, leadership), **options)

    def grows(self) -> None:
        """Wait for two more runs: the second of them began after this call."""
        seen = len(self.runs)
        wait_until(lambda: len(self.runs) >= seen + 2)


class Counting(Duty):
    """Asks the store something, and counts the answers."""

    def __init__(self, tally: Tally, store: Store, leadership: Leadership) -> None:
        self._tally = tally
        self._store = store
        self._leadership = leadership

    def run_once(self) -> Result:
        if self._tally.error:
            raise self._tally.error
        self._store.reader.now_ms()
        self._tally.runs.append(self._leadership._holder)
        self._tally.ran.set()
        return Result()

    def close(self) -> None:
        self._tally.closed += 1


@pytest.fixture
def tally() -> Tally:
    """Return a new count."""
    return Tally()


@pytest.fixture
def mortal_server() -> Iterator[TestServer]:
    """Give a server that the test may kill."""
    with TestServer() as server:
        yield server


def said(caplog: pytest.LogCaptureFixture, words: str) -> int:
    """How many lines of the log have the words."""
    return sum(words in str(record.msg) for record in caplog.records)


def test_only_one_of_two_does_the_duty_and_the_other_follows_at_once(make_runner: MakeRunner, tally: Tally):
    first = make_runner(tally.plan(), "first")
    assert tally.ran.wait(5)
    make_runner(tally.plan(terms=Terms(lease=60, retry=0.05)), "second")
    tally.grows()
    assert set(tally.runs) == {"first"}
    first.stop()
    assert first.join(1)
    wait_until(lambda: "second" in tally.runs)


def test_without_a_leader_everybody_does_it(make_runner: MakeRunner, tally: Tally):
    for name in ("one", "two"):
        make_runner(tally.plan(led=False), name)
    wait_until(lambda: {"one", "two"} <= set(tally.runs))


def test_a_deposed_leader_leaves_the_duty_to_the_new_one(kit: StoreKit, make_runner: MakeRunner, tally: Tally):
    runner = make_runner(tally.plan(terms=Terms(renew=0.02, retry=0.02)))
    tally.grows()
    kit.client.call("SET", kit.keys.leader("count"), "usurper:99", "PX", 60_000)
    wait_until(lambda: not runner._led)
    tally.ran.clear()
    assert not tally.ran.wait(0.1)
    assert tally.closed == 1, "what it held is let go"
    depose(kit, "count")
    assert tally.ran.wait(5)


def test_an_outage_is_borne_and_said_once(make_runner: MakeRunner, tally: Tally, mortal_server: TestServer, caplog):
    caplog.set_level(logging.INFO)
    runner = make_runner(tally.plan(), url=mortal_server.url)
    tally.grows()
    mortal_server.kill()
    wait_until(lambda: runner._patience._failures >= 4)
    assert runner.overdue < 3, "to be patient is no standstill"
    mortal_server.start()
    tally.grows()
    assert said(caplog, "the store is away") == 1
    wait_until(lambda: said(caplog, "works again") == 1)


def test_a_frozen_server_is_an_outage_too(make_runner: MakeRunner, tally: Tally, mortal_server: TestServer):
    runner = make_runner(tally.plan(), url=mortal_server.url)
    tally.grows()
    mortal_server.freeze()
    wait_until(lambda: runner._patience._failures >= 1)
    mortal_server.thaw()
    tally.grows()


def test_a_bug_ends_no_thread(make_runner: MakeRunner, tally: Tally, caplog):
    tally.error = RuntimeError("out of paper")
    runner = make_runner(tally.plan())
    wait_until(lambda: runner._patience._failures >= 3)
    assert said(caplog, "failed and is tried again") == 1
    tally.error = None
    tally.grows()
    assert tally.closed >= 3, "each try has a fresh duty"


def test_it_ends_within_a_second_while_it_rests(make_runner: MakeRunner, tally: Tally):
    runner = make_runner(tally.plan(period=3600))
    assert tally.ran.wait(5)
    runner.stop()
    assert runner.join(1)
    assert tally.closed == 1


def test_a_nudge_ends_its_rest(make_runner: MakeRunner, tally: Tally):
    runner = make_runner(tally.plan(period=3600))
    assert tally.ran.wait(5)
    tally.ran.clear()
    runner.nudge()
    assert tally.ran.wait(5)


def test_a_rest_is_no_standstill_and_a_turn_without_an_end_is(make_runner: MakeRunner, tally: Tally):
    resting = make_runner(tally.plan(period=3600, led=False), "resting")
    hangs, lets_go = threading.Event(), threading.Event()

    class Hanging(Counting):
        def run_once(self) -> Result:
            hangs.set()
            lets_go.wait(30)
            return super().run_once()

    hanging = make_runner(Plan("hang", 3600, lambda store, leadership: Hanging(tally, store, leadership)), "hanging")
    assert tally.ran.wait(5)
    assert hangs.wait(5)
    wait_until(lambda: hanging.overdue > 0.3)
    assert resting.overdue == 0
    lets_go.set()
    wait_until(lambda: hanging.overdue == 0)


def test_a_thread_that_has_ended_is_overdue_for_ever(make_runner: MakeRunner, tally: Tally):
    runner = make_runner(tally.plan())
    tally.grows()
    runner.stop()
    assert runner.join(1)
    wait_until(lambda: runner.overdue > 0.1)
