"""A scaler or a scheduler says by its health port when one of its threads stands still."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection

import pytest

from jobs.conf import Config
from jobs.maintenance import candidate
from jobs.maintenance.candidate import Candidate
from jobs.maintenance.duty import Duty, Result
from jobs.maintenance.runner import Plan
from jobs.server.address import free_port
from tests.support.polling import wait_until

READY, LIVE = "/health/ready", "/health/live"


class Stubborn(Duty):
    """Takes one turn, then one that ends when it is told to."""

    def __init__(self, lets_go: threading.Event) -> None:
        self._turns = 0
        self._lets_go = lets_go

    def run_once(self) -> Result:
        self._turns += 1
        if self._turns == 2:
            self._lets_go.wait(30)
        return Result()


def status(port: int, path: str) -> int:
    """Of the answer on a health port; 0 for none."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def while_it_runs(process: Candidate, happens: Callable[[], None]) -> None:
    """Run it in this thread, as its signals need, and end it when in another one all has happened."""

    def act() -> None:
        try:
            happens()
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    with ThreadPoolExecutor(1) as pool:
        acting = pool.submit(act)
        process.run()
        acting.result(30)


def test_who_stands_still_is_neither_ready_nor_alive_until_it_goes_on(
    store_url: str, config: Config, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(candidate, "STILL_SECONDS", 1.0)
    lets_go, port = threading.Event(), free_port()

    def tells() -> None:
        wait_until(lambda: status(port, READY) == 200, 10)
        assert status(port, LIVE) == 200
        wait_until(lambda: status(port, READY) == 503, 10)
        assert status(port, LIVE) == 503
        lets_go.set()
        wait_until(lambda: (status(port, READY), status(port, LIVE)) == (200, 200), 10)

    plan = Plan("stubborn", 0.2, lambda store, leadership: Stubborn(lets_go))
    while_it_runs(Candidate(replace(config, redis_url=store_url), plan, port, "Whether it leads"), tells)


def test_one_duty_of_maintenance_that_stands_still_is_enough(
    store_url: str, config: Config, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(candidate, "STILL_SECONDS", 1.0)
    port, lets_go = free_port(), threading.Event()
    lets_go.set()
    process = Candidate(
        replace(config, redis_url=store_url), Plan("busy", 0.2, lambda *_: Stubborn(lets_go)), port, "Whether it leads"
    )

    def tells() -> None:
        wait_until(lambda: status(port, READY) == 200, 10)
        process._crew._runners[0].stop()
        wait_until(lambda: status(port, READY) == status(port, LIVE) == 503, 10)

    while_it_runs(process, tells)
