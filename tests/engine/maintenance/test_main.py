"""The maintenance process: forked beside a supervisor, led by its link, ended by it or by a signal."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from jobs.conf import Config
from jobs.maintenance.crew import DUTIES, Crew
from jobs.maintenance.main import run
from jobs.states import State
from jobs.worker.link import Link
from jobs.worker.options import PoolOptions
from tests.support.jobs import StoreKit, store_kit
from tests.support.polling import wait_until
from tests.support.server import TestServer


class Child:
    """A maintenance process, and the supervisor's end of its link."""

    def __init__(self, config: Config, supervisor: str) -> None:
        self.link, other = Link.pair()
        self.heard: list[dict[str, Any]] = []
        self.code: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            code = 70
            try:
                self.link.close()
                code = run(other, PoolOptions(least=0, most=10, supervisor=supervisor), config)
            finally:
                os._exit(code)
        other.close()

    def hears(self, message: dict[str, Any]) -> None:
        """Wait until the process says this."""

        def said() -> bool:
            self.heard += self.link.receive(0.05) or []
            return message in self.heard

        wait_until(said)

    def ended(self) -> bool:
        """True when the process is gone; `code` is how."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def kill(self) -> None:
        """End it whatever it does."""
        self.link.close()
        if not self.ended():
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            wait_until(self.ended)


Start = Callable[..., Child]


@pytest.fixture
def start(store_url: str, config: Config) -> Iterator[Start]:
    """Return a function that starts maintenance beside a supervisor."""
    children: list[Child] = []

    def make(supervisor: str = "s1", url: str = store_url) -> Child:
        children.append(Child(replace(config, redis_url=url), supervisor))
        return children[-1]

    yield make
    for child in children:
        child.kill()


def test_it_leads_every_duty_and_resigns_at_sigterm_within_a_second(kit: StoreKit, start: Start):
    child = start()
    wait_until(lambda: len(kit.keeper.leaders(DUTIES)) == len(DUTIES))
    kit.store.registry.set_desired("default", 3)
    child.hears({"desired": 3})
    asked = time.monotonic()
    os.kill(child.pid, signal.SIGTERM)
    wait_until(child.ended)
    assert time.monotonic() - asked < 1
    assert child.code == 0
    assert kit.keeper.leaders(DUTIES) == {}
    assert kit.store.registry.join_pool("default", "other", 1).supervisors == (("other", 1),)


def test_it_ends_with_its_supervisor(kit: StoreKit, start: Start):
    child = start()
    wait_until(lambda: kit.keeper.leaders(DUTIES))
    child.link.close()
    wait_until(child.ended)
    assert child.code == 0
    assert kit.keeper.leaders(DUTIES) == {}


def test_ctrl_c_and_hang_up_are_the_supervisors_business(kit: StoreKit, start: Start):
    child = start()
    wait_until(lambda: kit.keeper.leaders(DUTIES))
    os.kill(child.pid, signal.SIGINT)
    os.kill(child.pid, signal.SIGHUP)
    kit.store.registry.set_desired("default", 5)
    child.hears({"desired": 5})
    assert not child.ended()


def test_a_change_of_the_desired_count_is_known_within_two_seconds(kit: StoreKit, start: Start):
    child = start()
    kit.store.registry.set_desired("default", 2)
    child.hears({"desired": 2})
    changed = time.monotonic()
    kit.store.registry.set_desired("default", 6)
    child.hears({"desired": 6})
    assert time.monotonic() - changed < 2


def test_two_supervisors_share_and_one_takes_all_when_the_other_goes(kit: StoreKit, start: Start):
    kit.store.registry.set_desired("default", 5)
    one, two = start("a"), start("b")
    one.hears({"desired": 3})
    two.hears({"desired": 2})
    os.kill(two.pid, signal.SIGTERM)
    one.heard.clear()
    one.hears({"desired": 5})


def test_a_lost_worker_is_settled_and_acknowledged_and_then_it_may_end(kit: StoreKit, start: Start):
    child = start()
    worker = kit.store.consumer("w", "f" * 16, "c")
    claim = kit.claimed(worker)
    job = {"id": claim.id, "token": claim.token, "ran_ms": 12}
    lost = {"worker": "w", "incarnation": "f" * 16, "signal": 9, "exit": None, "timed_out": [], "running": [job]}
    child.link.send({"report": 1, "lost": {**lost, "released": []}})
    child.link.send({"stop": True})
    child.hears({"ack": 1})
    wait_until(child.ended)
    assert child.code == 0
    assert kit.state(claim.id) is State.RETRYING
    worker.close()


def test_a_report_outlives_an_outage_of_the_store(config: Config, start: Start):
    with TestServer(durable=True) as server, store_kit(server.url, config) as kit:
        child = start(url=server.url)
        wait_until(lambda: kit.keeper.leaders(DUTIES))
        worker = kit.store.consumer("w", "f" * 16, "c")
        claim = kit.claimed(worker)
        server.stop()
        child.link.send({"report": 1, "lost": {"worker": "w", "incarnation": "f" * 16, "signal": 11, "exit": None}})
        assert child.link.receive(0.2) == []
        server.start()
        child.hears({"ack": 1})
        kit.store.close()
        assert kit.state(claim.id) is State.PENDING
        worker.close()


def test_without_a_store_it_still_ends_within_a_second(config: Config, start: Start):
    with TestServer() as server, store_kit(server.url, config) as kit:
        child = start(url=server.url)
        wait_until(lambda: kit.keeper.leaders(DUTIES))
        with server.away("freeze"):
            child.link.send({"report": 1, "lost": {"worker": "w", "incarnation": "f" * 16}})
            asked = time.monotonic()
            os.kill(child.pid, signal.SIGTERM)
            wait_until(child.ended)
            assert time.monotonic() - asked < 1.2


def test_any_process_may_stand_for_the_duties(kit: StoreKit, store_url: str, config: Config):
    crew = Crew(replace(config, redis_url=store_url), "scaler:1")
    crew.start()
    wait_until(lambda: len(kit.keeper.leaders(DUTIES)) == len(DUTIES))
    assert all(holder.startswith("scaler-1.") for holder in kit.keeper.leaders(DUTIES).values())
    crew.stop()
    assert crew.join(2)
    assert kit.keeper.leaders(DUTIES) == {}
