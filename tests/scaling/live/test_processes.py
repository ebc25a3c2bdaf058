"""Scalers as processes: one leads, another takes over, and no stretch of time is decided for twice."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from jobs.conf import Config
from jobs.server.address import free_port
from jobs.states import State
from tests.engine.pools import Pool, await_state
from tests.support.jobs import StoreKit, store_kit
from tests.support.polling import wait_until

from .crowd import steps
from .processes import Ground, await_leader
from .stalling import ENTERED, PLACE, STALL


@pytest.fixture
def far(store_url: str, config: Config) -> Iterator[StoreKit]:
    """Give the store that the processes work on."""
    with store_kit(store_url, config) as made:
        made.store.registry.set_desired("default", 1)
        yield made


@pytest.fixture
def host(store_url: str, config: Config) -> Iterator[None]:
    """Let a supervisor live that could run workers, and runs none."""
    ended = Event()

    def speak() -> None:
        with store_kit(store_url, config) as made:
            while not ended.wait(0.5):
                made.store.registry.join_pool("default", "host", 9, 0, ("default",))

    thread = Thread(target=speak)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.fixture
def ground(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """Give a database with a policy that decides every second."""
    return Ground(tmp_path_factory.mktemp("scaling"), store_url)


def after(kit: StoreKit, more: int) -> None:
    """Return when so many more decisions are recorded."""
    there = len(steps(kit))
    wait_until(lambda: len(steps(kit)) >= there + more, 15)


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Let nobody else write a database meanwhile."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@pytest.mark.slow
def test_a_frozen_and_a_killed_leader_are_replaced_and_no_second_is_decided_twice(far: StoreKit, ground: Ground):
    with ground.scaler() as one, ground.scaler() as other:
        first = await_leader(far.store, 0)
        assert first in {one.pid, other.pid}
        after(far, 2)
        os.kill(first, signal.SIGSTOP)
        second = await_leader(far.store, 0, first)
        after(far, 2)
        os.kill(first, signal.SIGCONT)
        after(far, 3)
        assert await_leader(far.store, 0) == second
        os.kill(second, signal.SIGKILL)
        assert await_leader(far.store, 0, second) == first
        after(far, 2)
    seconds = [int(step.observation.at) for step in steps(far)]
    assert seconds == sorted(set(seconds))


@pytest.mark.slow
@pytest.mark.usefixtures("host")
def test_leaders_killed_within_a_decision_leave_none_made_twice_and_none_untold(
    far: StoreKit, store_url: str, tmp_path: Path
):
    ground = Ground(tmp_path, store_url, strategy="tests.scaling.live.stalling.Stalls")
    ground.environment[PLACE] = str(tmp_path)
    with ground.scaler(), ground.scaler(), ground.scaler():
        first = await_leader(far.store, 0)
        after(far, 1)
        (tmp_path / STALL).touch()
        wait_until((tmp_path / ENTERED).exists, 15)
        os.kill(first, signal.SIGKILL)  # while the strategy is asked
        (tmp_path / STALL).unlink()
        second = await_leader(far.store, 0, first)
        after(far, 1)
        with locked(ground.database):
            far.enqueue_many(3)
            wait_until(lambda: far.store.registry.desired() == {"default": 2}, 15)
            os.kill(second, signal.SIGKILL)  # when its decision acts already, and before its sentence is there
        third = await_leader(far.store, 0, first, second)
        after(far, 2)
    assert third not in (first, second)
    made = steps(far)
    seconds = [int(step.observation.at) for step in made]
    assert seconds == sorted(set(seconds))
    assert sorted({step.decided for step in made}) == [1, 2]
    rows = ground.decisions()
    for step in made:
        *_, target, _, reason = next(row for row in reversed(rows) if row[0] <= step.observation.at + 0.001)
        assert (target, reason) == (step.decided, f"{step.observation.waiting} jobs wait.")
    grown = next(step.observation.at for step in made if step.decided == 2)
    assert next(row[0] for row in rows if row[2] == 2) == pytest.approx(grown, abs=0.001)


@pytest.mark.slow
def test_a_pool_that_starts_without_workers_and_policy_runs_its_first_job(
    far: StoreKit, store_url: str, tmp_path: Path
):
    ground = Ground(tmp_path, store_url).without_policy()
    ground.environment["MIN_WORKERS"] = "0"
    far.client.call("DEL", far.keys.pools)
    with Pool(store_url, "--min", "0", "--max", "2"), ground.scaler():
        wait_until(lambda: far.store.scaling.kept("default").steps, 30)
        [job] = far.enqueue_many(1, type="sleep", payload=b'{"seconds":0}')
        await_state(far.store, job, State.COMPLETED)


@pytest.mark.slow
def test_two_hosts_share_a_pool_that_grows_with_a_burst_sleeps_and_wakes_for_a_job(
    far: StoreKit, store_url: str, tmp_path: Path
):
    ground, port = Ground(tmp_path, store_url, minimum=0), free_port()

    def crews() -> list[int]:
        alive = [seen.info.supervisor for seen in far.store.registry.workers() if seen.alive]
        return sorted(Counter(alive).values())

    hosts = [Pool(store_url, "--min", "0", "--max", "6") for _ in range(2)]
    with hosts[0], hosts[1], ground.scaler("--health-port", str(port)) as scaler:
        jobs = far.enqueue_many(360, type="sleep", payload=b'{"seconds":0.2}')
        wait_until(lambda: crews() == [3, 3], 30)
        wait_until(lambda: far.reader.totals().get("completed", 0) == 360, 30)
        wait_until(lambda: far.store.registry.desired() == {"default": 0} and not crews(), 30)
        [job] = far.enqueue_many(1, type="sleep", payload=b'{"seconds":0}')
        await_state(far.store, job, State.COMPLETED)
        totals = far.reader.totals()
        assert (totals.get("reaped", 0), totals.get("failed", 0)) == (0, 0)
        # A worker that drains gives back what it had claimed and not begun: that is a release without an execution.
        assert {entry.outcome for job in jobs for entry in far.reader.job(job).history} <= {"completed"}
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"http://127.0.0.1:{port}/health/ready", timeout=5
        ) as answer:
            assert json.load(answer) == {"status": "healthy", "leads": True}
        scaler.signal(signal.SIGTERM)
        assert scaler.wait() == 0
