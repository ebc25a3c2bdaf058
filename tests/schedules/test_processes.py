"""Schedulers as processes: one leads, another takes over, and each tick has one job."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

import pytest

from jobs.conf import Config
from jobs.ids import derived_id
from jobs.server.address import free_port
from schedules.duty import NAME
from tests.engine.pools import ROOT
from tests.support.jobs import StoreKit, store_kit
from tests.support.polling import wait_until
from tests.support.site import Site, pid_of

MAKE: Final = """
from jobs.trail import shell
from schedules import service
from schedules.form import ScheduleForm
service.create(ScheduleForm(name="each", type="echo", cron="* * * * * *", missed="all"), shell())
"""
ROW: Final = "SELECT id, enqueued, skipped, missed_count, refused FROM schedules_schedule"
INSTANTS: Final = "SELECT since, decided FROM schedules_schedule"


@pytest.fixture
def far(store_url: str, config: Config) -> Iterator[StoreKit]:
    """Give the store that the processes work on."""
    with store_kit(store_url, config) as made:
        yield made


@pytest.fixture
def site(store_url: str, tmp_path: Path) -> Site:
    """Give an installation with a schedule that is due each second."""
    made = Site(tmp_path, store_url, QUEUEFLOW_HANDLERS="tests.engine.handlers_for_tests")
    made.shell(MAKE)
    return made


def row(site: Site, query: str = ROW) -> tuple[Any, ...]:
    with closing(sqlite3.connect(site.database)) as connection:
        found: tuple[Any, ...] = connection.execute(query).fetchone()
        return found


def leader(kit: StoreKit, *but: int) -> int:
    """The pid of the scheduler that leads, once it is none of some."""

    def found() -> int:
        pid = pid_of(kit.keeper.leaders([NAME]).get(NAME, ""))
        return 0 if pid in but else pid

    return wait_until(found, 15)


def after(site: Site, more: int) -> None:
    """Return when so many more ticks are on record."""
    there = row(site)[1]
    wait_until(lambda: row(site)[1] >= there + more, 20)


def jobs(kit: StoreKit) -> dict[str, int]:
    """When each job was made (ms), by id."""
    ids = [each.decode() for each in kit.client.call("ZRANGE", kit.keys.created, 0, -1)]
    return {job_id: record.created for job_id, record in zip(ids, kit.reader.records(ids), strict=True) if record}


def asked(port: int) -> bytes:
    """What a process says in metrics."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/metrics/process", timeout=5) as answer:
        said: bytes = answer.read()
        return said


def seconds_between(since: str, decided: str) -> list[int]:
    """The ticks (ms) after an instant of the database up to and with another."""
    first, last = (datetime.fromisoformat(each).replace(tzinfo=UTC).timestamp() for each in (since, decided))
    return [second * 1000 for second in range(int(first) + 1, int(last) + 1)]


@pytest.mark.slow
def test_a_frozen_and_a_killed_leader_are_replaced_and_each_tick_has_one_job(far: StoreKit, site: Site):
    asking = [free_port(), free_port()]
    one, other = (site.process("scheduler", "--health-port", str(port)) for port in asking)
    with one, other:
        ports, first = dict(zip((one.pid, other.pid), asking, strict=True)), leader(far)
        after(site, 3)
        os.kill(first, signal.SIGSTOP)
        frozen_at = monotonic()
        second = leader(far, 0, first)
        took_over = monotonic() - frozen_at
        after(site, 2)
        os.kill(first, signal.SIGCONT)
        after(site, 2)
        assert leader(far) == second
        os.kill(second, signal.SIGKILL)
        assert leader(far, second) == first
        after(site, 3)
        assert b"\nqueueflow_scheduler_leads 1\n" in asked(ports[first])
        alive, told_at = one if one.pid == first else other, monotonic()
        alive.signal(signal.SIGTERM)
        assert alive.wait(10) == 0
        ended = monotonic() - told_at
    pk, *figures = row(site)
    ticks = seconds_between(*row(site, INSTANTS))
    expected = {derived_id("schedule", str(pk), str(tick), place=f"schedule:{pk}"): tick for tick in ticks}
    made = jobs(far)
    late = sorted(made[job_id] - tick for job_id, tick in expected.items())
    print(f"took over in {took_over:.2f} s, ended in {ended:.2f} s, late by {late[0]} to {late[-1]} ms")
    assert made.keys() == expected.keys()
    assert figures == [len(ticks), 0, 0, 0]
    assert (took_over < 6, ended < 3) == (True, True)
    assert late[0] >= 0


@pytest.mark.slow
def test_ticks_that_come_while_the_store_is_away_have_one_job_each_when_it_is_back(
    mortal_server, config: Config, tmp_path: Path
):
    site = Site(tmp_path, mortal_server.url, QUEUEFLOW_HANDLERS="tests.engine.handlers_for_tests")
    site.shell(MAKE)
    with store_kit(mortal_server.url, config) as far, site.process("scheduler") as process:
        after(site, 2)
        with mortal_server.away("freeze"):
            wait_until(lambda: '"the store is away"' in process.output, 20)
            at = monotonic()
            wait_until(lambda: monotonic() - at > 3)
        after(site, 6)
        process.signal(signal.SIGTERM)
        assert process.wait(10) == 0
        pk, *figures = row(site)
        ticks = seconds_between(*row(site, INSTANTS))
        expected = {derived_id("schedule", str(pk), str(tick), place=f"schedule:{pk}") for tick in ticks}
        assert jobs(far).keys() == expected
        assert figures == [len(ticks), 0, 0, 0]


def test_a_configuration_that_cannot_work_is_told_in_one_sentence():
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "REDIS_URL": "ftp://nowhere"}
    ended = subprocess.run(
        [sys.executable, "manage.py", "scheduler"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    [line] = ended.stderr.strip().splitlines()
    assert line.startswith("CommandError: REDIS_URL")
