"""How many workers come and go, and what is reported of the dead ones."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from jobs.worker.link import Link
from jobs.worker.losses import loss_of
from jobs.worker.member import Member
from jobs.worker.pool import BACKOFF, Pool
from jobs.worker.pulse import PulseWatch
from jobs.worker.table import Table

KILLED = int(signal.SIGKILL)


@pytest.fixture
def members() -> Iterator[list[Member]]:
    """Give three members; none of them has a process."""
    made = []
    for number in range(3):
        table = Table.create(8)
        table.adopt(f"{number:016x}")
        made.append(Member(2**22 + number, table, Link.pair()[0], 0))
    yield made
    for member in made:
        member.close()


def test_missing_workers_come_at_once(members: list[Member]) -> None:
    pool = Pool(2, 5)
    assert pool.births([], 0.0) == [0, 0]
    pool.desire(4)
    assert pool.births(members, 0.0) == [0]
    pool.desire(100)
    assert (pool.desired, pool.births(members, 0.0)) == (5, [0, 0])


def test_early_deaths_are_answered_later_and_later() -> None:
    pool, now, streak = Pool(1, 1), 100.0, 0
    waits = []
    for _ in range(10):
        pool.died(streak, 1.0, now, crashed=True)
        start = now
        while not (born := pool.births([], now)):
            now += 0.25
        waits.append(now - start)
        (streak,) = born
    assert waits == [*BACKOFF, BACKOFF[-1], BACKOFF[-1]]
    pool.died(streak, 61.0, now, crashed=True)
    assert pool.births([], now) == [1]


def test_the_death_of_a_worker_at_work_is_answered_within_a_second() -> None:
    pool = Pool(1, 1)
    pool.died(7, 1.0, 100.0, crashed=True, at_work=True)
    assert pool.births([], 100.9) == []
    assert pool.births([], 101.0) == [8]


def test_a_child_is_silent_when_it_had_its_time_while_its_watcher_was_awake() -> None:
    watch = PulseWatch(5.0, 100.0)
    for tenth in range(62):
        watch.look(100.0 + tenth / 10)
        assert watch.is_silent(101.0, 100.0 + tenth / 10) is (tenth > 60)
    assert not watch.is_silent(0.0, 106.1)  # it has not begun
    watch.look(200.0)  # the watcher stood still itself
    assert not watch.is_silent(101.0, 205.0)
    assert watch.is_silent(101.0, 205.1)
    assert not watch.is_silent(201.0, 205.1)


def test_a_back_off_does_not_hold_up_other_workers(members: list[Member]) -> None:
    pool = Pool(4, 4)
    pool.died(3, 1.0, 0.0, crashed=True)
    assert pool.births(members, 0.0) == []
    assert pool.births(members[:2], 0.0) == [0]
    assert pool.births(members[:2], 2.0) == [0, 4] or pool.births(members, 2.0) == [4]


def test_idle_workers_go_first(members: list[Member]) -> None:
    pool = Pool(0, 3)
    pool.desire(2)
    members[0].table.begin(1, b"job", 0.0, 1.0)
    members[2].table.begin(1, b"job", 0.0, 1.0)
    assert pool.surplus(members) == [members[1]]
    members[1].leaving = True
    assert pool.surplus(members) == []


def test_starting_workers_go_before_idle_ones_and_the_youngest_of_equals_first(members: list[Member]) -> None:
    pool = Pool(0, 3)
    members[2].ready = True
    pool.desire(0)
    assert pool.surplus(members) == [members[1], members[0], members[2]]
    members[1].table.begin(1, b"job", 0.0, 1.0)
    pool.desire(1)
    assert pool.surplus(members) == [members[0], members[2]]


def test_a_condemned_worker_no_longer_counts(members: list[Member]) -> None:
    pool = Pool(3, 3)
    members[0].condemn()
    assert pool.births(members, 0.0) == [0]


def test_what_ran_in_a_crashed_process_is_lost(members: list[Member]) -> None:
    member = members[0]
    member.table.begin(5, b"running", 0.0, 1e12)
    member.table.end(member.table.begin(5, b"ended", 0.0, 1e12), False)
    member.table.give_back(member.table.begin(5, b"back", 0.0, 1e12))
    lost = loss_of(member, KILLED)
    assert lost is not None
    assert (lost["signal"], lost["exit"]) == (9, None)
    assert [job["id"] for job in lost["running"]] == ["running", "ended"]
    assert [job["id"] for job in lost["released"]] == ["back"]
    assert {job["token"] for job in lost["running"]} == {f"{0:016x}.5"}


def test_what_ran_beside_an_overdue_job_is_released(members: list[Member]) -> None:
    member = members[1]
    member.table.begin(5, b"overdue", 0.0, 1.0)
    member.table.end(member.table.begin(5, b"late", 0.0, 1.0), True)
    member.table.begin(5, b"beside", 0.0, 1e12)
    member.condemn()
    lost = loss_of(member, KILLED)
    assert lost is not None
    assert [job["id"] for job in lost["timed_out"]] == ["overdue", "late"]
    assert [job["id"] for job in lost["released"]] == ["beside"]
    assert lost["running"] == []


def test_a_clean_end_is_no_loss(members: list[Member]) -> None:
    assert loss_of(members[0], 0) is None
    lost = loss_of(members[0], 3 << 8)
    assert lost is not None
    assert (lost["signal"], lost["exit"]) == (None, 3)
    assert os.waitstatus_to_exitcode(3 << 8) == 3
