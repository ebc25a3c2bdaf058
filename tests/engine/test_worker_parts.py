"""The parts of a worker that can be tried without one."""

from __future__ import annotations

import math
import os
import threading
import time
from pathlib import Path

import pytest

from jobs.errors import ConfigError
from jobs.states import State
from jobs.types import Claim, Envelope, JobRecord, Priority
from jobs.worker.estimate import MOST_AHEAD, Estimate
from jobs.worker.held import Held, Stop
from jobs.worker.interrupt import Guard, Interrupt, TimeLimitReached
from jobs.worker.link import Link
from jobs.worker.losses import Losses
from jobs.worker.options import PoolOptions, parse_queues
from jobs.worker.reports import Reports
from jobs.worker.slots import Slots
from jobs.worker.table import Mark, Phase, Table
from tests.support.polling import wait_until

INCARNATION = "0123456789abcdef"


def held(job_id: str = "job", *, asynchronous: bool = False, received: float | None = None) -> Held:
    """A job in hand."""
    from jobs.handlers.registry import Handler

    record = JobRecord(State.ACTIVE, "noop", "default", Priority.NORMAL, 1, 1, 0, 1, 3, 1)
    claim = Claim(job_id, f"{INCARNATION}.1", record, Envelope(b"{}", 1000))
    handler = Handler("noop", held, lambda value: value, lambda value, job: None, is_async=asynchronous)
    return Held(claim, 1, handler, time.monotonic() if received is None else received)


class TestTable:
    def test_another_process_reads_what_was_written(self) -> None:
        table = Table.create(20)
        assert table.capacity == 24
        pid = os.fork()
        if pid == 0:
            table.adopt(INCARNATION)
            table.phase = Phase.DRAINING
            table.begin(7, "jöb".encode(), 1.5, 2.5)
            table.end(table.begin(8, b"ended", 1.0, 2.0), False)
            table.end(table.begin(8, b"late", 1.0, 2.0), True)
            table.give_back(table.begin(9, b"x" * 128, 1.0, 2.0))
            table.clear(table.begin(9, b"cleared", 1.0, 0.5))
            table.count(11, 3)
            os._exit(0)
        os.waitpid(pid, 0)
        assert [(entry.mark, entry.token, entry.job_id) for entry in table.entries()] == [
            (Mark.RUNNING, f"{INCARNATION}.7", "jöb"),
            (Mark.ENDED, f"{INCARNATION}.8", "ended"),
            (Mark.OVERRAN, f"{INCARNATION}.8", "late"),
            (Mark.GIVEN_BACK, f"{INCARNATION}.9", "x" * 128),
        ]
        assert (table.phase, table.totals, table.in_use(), table.next_deadline()) == (Phase.DRAINING, (11, 3), 4, 2.5)
        table.close()

    def test_a_full_table_takes_nothing(self) -> None:
        table = Table.create(8)
        for index in range(8):
            table.begin(index, b"job", 0.0, 1.0)
        with pytest.raises(IndexError):
            table.begin(9, b"job", 0.0, 1.0)
        table.clear(3)
        assert table.begin(9, b"job", 0.0, 1.0) == 3
        table.close()

    def test_nothing_running_has_no_deadline(self) -> None:
        table = Table.create(8)
        assert table.next_deadline() == math.inf
        table.clear(table.begin(1, b"job", 0.0, 1.0))
        assert table.next_deadline() == math.inf
        table.close()


class TestLink:
    def test_messages_arrive_whole_and_in_order(self) -> None:
        one, other = Link.pair()
        sent = [{"number": number, "text": "x" * 50_000} for number in range(20)]
        for message in sent:
            one.send(message)
        received: list[object] = []
        while len(received) < len(sent):
            one.flush()
            received += other.receive(1.0) or []
        assert received == sent

    def test_garbage_is_left_out(self) -> None:
        one, other = Link.pair()
        one._socket.send(b'nonsense\n[1]\n{"fine": 1}\n{"half":')
        assert other.receive(1.0) == [{"fine": 1}]

    def test_what_came_before_the_end_is_not_lost(self) -> None:
        one, other = Link.pair()
        one.send({"last": "words"})
        one.close()
        assert other.receive() == [{"last": "words"}]
        assert other.receive() is None
        other.send({"nobody": "listens"})


class TestGuard:
    def test_an_interrupt_meets_the_job_it_was_meant_for(self) -> None:
        raised: list[BaseException] = []
        ready, guards, job = threading.Event(), [], held()

        def work() -> None:
            guard = Guard()
            guards.append(guard)
            try:
                guard.arm(job)
                ready.set()
                while True:
                    time.sleep(0.001)
            except Interrupt as error:
                guard.disarm()
                raised.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        ready.wait(5)
        guards[0].interrupt(held(), Stop.TIMEOUT)  # another job: nothing happens
        guards[0].interrupt(job, Stop.TIMEOUT)
        thread.join(5)
        assert [type(error) for error in raised] == [TimeLimitReached]

    def test_a_late_interrupt_is_never_raised(self) -> None:
        """Interrupts rain on a thread that arms and disarms; between the jobs none may ever arrive."""
        stray: list[BaseException] = []
        met, done, box = [0], threading.Event(), []
        current: list[Held] = [held()]

        def work() -> None:
            guard = Guard()
            box.append(guard)
            try:
                for _ in range(3000):
                    job = current[0] = held()
                    try:
                        try:
                            guard.arm(job)
                            sum(range(50))
                        finally:
                            guard.disarm()
                    except Interrupt:
                        guard.disarm()
                        met[0] += 1
                    sum(range(50))
            except BaseException as error:
                stray.append(error)
            done.set()

        thread = threading.Thread(target=work)
        thread.start()
        wait_until(lambda: box)
        while not done.is_set():
            box[0].interrupt(current[0], Stop.TIMEOUT)
        thread.join(5)
        assert stray == []


class TestEstimate:
    def test_unknown_types_are_not_claimed_ahead(self) -> None:
        estimate = Estimate()
        assert estimate.ahead(5) == 0
        estimate.saw(["new"])
        assert estimate.ahead(5) == 0

    def test_short_jobs_are_claimed_ahead_by_tens_of_milliseconds(self) -> None:
        estimate = Estimate()
        estimate.saw(["short"] * 64)
        estimate.observe("short", 0.001)
        assert 20 <= estimate.ahead(1) <= 30
        estimate.observe("tiny", 1e-7)
        estimate.saw(["tiny"] * 64)
        assert estimate.ahead(1) == MOST_AHEAD

    def test_nothing_is_claimed_ahead_of_long_jobs_or_stuck_slots(self) -> None:
        estimate = Estimate()
        estimate.saw(["long"] * 64)
        estimate.observe("long", 0.5)
        assert estimate.ahead(5) == 0
        estimate.observe("short", 0.0001)
        estimate.saw(["short"] * 64)
        assert estimate.ahead(0) == 0
        estimate.upset("short", 2.0)
        assert estimate.ahead(5) == 0


class TestSlots:
    def test_no_more_than_the_slots_start(self) -> None:
        started: list[Held] = []
        slots = Slots(2, started.append)
        jobs = [held(str(number)) for number in range(4)]
        slots.submit(jobs)
        assert (started, slots.free, slots.waiting) == (jobs[:2], 0, 2)
        assert slots.next(False) is jobs[2]
        assert slots.withdraw(jobs[3])
        assert slots.next(False) is None
        assert slots.next(False) is None
        assert slots.idle

    def test_a_job_of_the_other_kind_changes_executors(self) -> None:
        started: list[Held] = []
        slots = Slots(1, started.append)
        jobs = [held(), held(asynchronous=True), held(asynchronous=True)]
        slots.submit(jobs)
        assert slots.next(False) is None
        assert started == jobs[:2]
        assert slots.next(True) is jobs[2]

    def test_only_old_jobs_are_taken_back(self) -> None:
        slots = Slots(1, lambda job: None)
        jobs = [held(received=float(number)) for number in range(4)]
        slots.submit(jobs)
        assert slots.take_waiting(2.5) == jobs[1:3]
        assert slots.waiting == 1

    def test_an_outcome_has_one_author(self) -> None:
        slots, job = Slots(1, lambda job: None), held()
        slots.entered(job)
        assert slots.left(job)
        assert not slots.left(job)

    def test_room_ends_the_wait(self) -> None:
        slots = Slots(1, lambda job: None)
        slots.submit([held()])
        waiter = threading.Thread(target=slots.wait_for_room, args=(-1, 10.0))
        waiter.start()
        wait_until(lambda: slots._bell is not None)
        slots.next(False)
        waiter.join(2)
        assert not waiter.is_alive()


class TestReports:
    def test_the_last_words_come_with_the_latest_progress(self) -> None:
        reports, job = Reports(), held()
        reports.progress(job, 10, "one")
        reports.progress(job, 250, "two")
        reports.log(job, "a\nb")
        assert reports.take_due() == [(job.claim, '{"percent": 100.0, "message": "two"}', ["a", "b"])]
        reports.log(job, "c")
        assert reports.take_due() == []  # twice a second is enough
        assert reports.take_last([job, held()]) == [(job.claim, "", ["c"])]
        assert reports.take_last([job]) == []

    def test_only_the_last_two_hundred_short_lines_stay(self) -> None:
        reports, job = Reports(), held()
        for number in range(500):
            reports.log(job, f"{number} " + "ü" * 2000)
        ((_, _, lines),) = reports.take_due()
        assert len(lines) == 200
        assert lines[0].startswith("300 ")
        assert max(len(line.encode()) for line in lines) <= 1024


class TestLosses:
    def test_reports_are_repeated_until_they_are_acknowledged(self) -> None:
        losses, (one, other) = Losses(), Link.pair()
        losses.add({"worker": "a"}, None)
        losses.add({"worker": "b"}, one)
        assert other.receive() == [{"report": 2, "lost": {"worker": "b"}}]
        losses.repeat(one, now=True)
        assert [message["report"] for message in other.receive() or ()] == [1, 2]
        losses.acknowledged(1)
        losses.repeat(one, now=True)
        assert [message["report"] for message in other.receive() or ()] == [2]


class TestOptions:
    def test_queues_have_weights(self) -> None:
        assert parse_queues("a:3, b") == (("a", 3), ("b", 1))

    @pytest.mark.parametrize("text", ["", "a,,b", "a:x", "A", "a,a", "a:-1", "x" * 65])
    def test_queues_that_make_no_sense_are_refused(self, text: str) -> None:
        with pytest.raises(ConfigError):
            parse_queues(text)

    @pytest.mark.parametrize("options", [{"least": 2}, {"most": 0, "least": 0}, {"concurrency": 1001}, {"name": "a/b"}])
    def test_options_that_make_no_sense_are_refused(self, options: dict[str, object]) -> None:
        with pytest.raises(ConfigError):
            PoolOptions(**options).checked()  # type: ignore[arg-type]


def test_the_name_of_the_memory_is_visible_in_maps() -> None:
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("no /proc here")
    table = Table.create(8)
    assert table.name in maps.read_text()
    table.close()
    assert table.name not in maps.read_text()
