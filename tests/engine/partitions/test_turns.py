"""Claimers share what a worker has room for: who may ask for how much, and when."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from jobs.handlers.registry import Registry
from jobs.worker.estimate import Estimate
from jobs.worker.held import Held
from jobs.worker.joined import LINGER, MOST_AHEAD, joined
from jobs.worker.shared import Shared
from jobs.worker.slots import Slots
from jobs.worker.table import Table
from jobs.worker.turns import HOLDS, Turns
from tests.engine.parts import held
from tests.support.polling import wait_until


class Room:
    """Four slots that nothing runs in, and turns of three claimers."""

    def __init__(self) -> None:
        self.slots = Slots(4, lambda job: None)
        self.turns = Turns(self.slots, Estimate(), 3)

    def come(self, at: int, jobs: int, *, more: bool = True) -> None:
        """So many jobs come that a claimer was promised."""
        self.slots.submit([held() for _ in range(jobs)])
        self.turns.answered(at, more=more)


@pytest.fixture
def room() -> Room:
    """Give free slots."""
    return Room()


def test_what_is_promised_to_one_is_not_promised_to_another(room: Room) -> None:
    assert (room.turns.take(0, 3), room.turns.take(1, 3)) == (3, 1)


def test_what_does_not_come_is_there_for_others(room: Room) -> None:
    assert room.turns.take(0, 3) == 3
    room.come(0, 1, more=False)
    assert room.turns.take(1, 9) == 3


def test_a_claim_that_is_held_up_holds_up_no_other_for_long(room: Room) -> None:
    assert room.turns.take(0, 4) == 4
    wait_until(lambda: room.turns.at_once(1, 4) == 4, HOLDS + 5)


def test_without_room_nothing_is_promised(room: Room) -> None:
    assert room.turns.take(0, 4) == 4
    room.come(0, 4)
    assert (room.turns.take(1, 4), room.turns.at_once(2, 4), room.turns.spare(1)) == (0, 0, 0)


def test_partitions_that_have_work_never_get_far_ahead_of_one_another(room: Room) -> None:
    had = 0
    while not room.turns.at_once(1, 0) and room.turns.take(0, 1):  # one asks, and is slow to claim
        had += 1
        room.come(0, 1)
        room.slots.next(False)
    assert had == room.slots.concurrency
    assert room.turns.take(1, 4) == 4


def test_a_partition_that_was_held_up_has_no_more_than_one_lead_to_catch_up(room: Room) -> None:
    assert room.turns.at_once(1, 0) == 0  # it asks, and is not heard of for a while
    had = 0
    until = time.monotonic() + 2 * HOLDS
    while time.monotonic() < until:
        jobs = room.turns.take(0, 1)
        had += jobs
        room.come(0, jobs)
        if jobs:
            room.slots.next(False)
    assert had > 4 * room.slots.concurrency
    assert room.turns.take(1, 1) == 1
    room.come(1, 1)
    room.slots.next(False)
    assert (room.turns.at_once(1, 0), room.turns.take(0, 1)) == (0, 1)


def test_slots_are_spared_for_all_that_wait(room: Room) -> None:
    assert [room.turns.spare(at) for at in range(3)] == [2, 1, 1]
    assert room.turns.spare(0) == 0
    room.turns.answered(1, more=False)
    assert room.turns.spare(1) == 1


def test_slots_that_are_spared_are_there_for_who_has_work(room: Room) -> None:
    assert room.turns.spare(0) == 2
    assert room.turns.take(1, 9) == 4


def test_all_that_wait_return_when_it_is_closed(room: Room) -> None:
    assert room.turns.take(0, 4) == 4
    room.come(0, 4)
    got: list[int] = []
    threads = [threading.Thread(target=lambda at=at: got.append(room.turns.take(at, 4))) for at in range(3)]
    for thread in threads:
        thread.start()
    room.turns.close()
    for thread in threads:
        thread.join(5)
    assert (got, room.turns.take(0, 4)) == ([0, 0, 0], 0)


class TestJoined:
    """What serves all partitions of a worker."""

    @pytest.fixture
    def table(self) -> Iterator[Table]:
        """Give a table."""
        table = Table.create(8)
        yield table
        table.close()

    def test_one_partition_needs_nothing_between(self, table: Table) -> None:
        shared = Shared("the-worker", Registry(), table, Slots(2, lambda job: None))
        assert joined(shared, 1) == (shared, [shared])
        assert shared.linger == 0

    def test_several_make_larger_batches(self, table: Table) -> None:
        whole, parts = joined(Shared("the-worker", Registry(), table, Slots(2, lambda job: None)), 3)
        assert [part.linger for part in parts] == [LINGER] * 3
        assert all(part.estimate is whole.estimate for part in parts)
        whole.estimate.observe("tiny", 1e-7)
        whole.estimate.saw(["tiny"] * 64)
        assert whole.estimate.ahead(100) == MOST_AHEAD

    def test_each_job_is_with_its_partition(self, table: Table) -> None:
        whole, parts = joined(Shared("the-worker", Registry(), table, Slots(2, lambda job: None)), 3)
        jobs = [_claimed(number) for number in (3, 4, 5, 8)]
        whole.ledger.open(jobs)
        for job in jobs:
            whole.outbox.put(job)
            whole.reports.log(job, ["a line"])
        assert [len(part.ledger) for part in parts] == [1, 1, 2]
        assert [part.outbox.qsize() for part in parts] == [1, 1, 2]
        assert [len(part.reports.take_due()) for part in parts] == [1, 1, 2]
        assert (len(whole.ledger), {*whole.ledger.all()}) == (4, {*jobs})
        whole.ledger.close(jobs[0])
        assert [len(part.ledger) for part in parts] == [0, 1, 2]

    def test_measures_go_to_the_first_partition(self, table: Table) -> None:
        whole, parts = joined(Shared("the-worker", Registry(), table, Slots(2, lambda job: None)), 2)
        assert parts[0].measuring is whole.measuring
        assert parts[1].measuring is not whole.measuring


def _claimed(number: int) -> Held:
    job = held(f"job-{number}")
    job.number = number
    return job
