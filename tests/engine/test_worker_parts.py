"""The parts of a worker that can be tried without one."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
import time

import pytest
from msgspec.structs import replace

from jobs.circuit import Breaker, BreakerState
from jobs.interrupts import Interrupt, TimeLimitReached
from jobs.worker.held import Held, Stop
from jobs.worker.interrupt import Guard
from jobs.worker.link import Link
from jobs.worker.table import Mark, Phase, Table
from tests.engine.parts import INCARNATION, held
from tests.support.polling import wait_until

PROFILED = """
import sys, threading
import tests.settings
from jobs.interrupts import Interrupt
from jobs.worker.held import Stop
from jobs.worker.interrupt import Guard
from tests.engine.parts import held

guard, job = Guard(), held()
guard.arm(job)
try:
    sender = threading.Thread(target=guard.interrupt, args=(job, Stop.TIMEOUT))
    sender.start()
    while True:
        sender.join()
except Interrupt:
    guard.disarm()
sys.setprofile(lambda frame, event, argument: None)
held()
sys.setprofile(None)
print("fine")
"""


class TestTable:
    def test_another_process_reads_what_was_written(self) -> None:
        table = Table.create(20)
        assert table.breakers == []
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
            table.beat(12.5)
            closed = Breaker("store").view()
            table.show([closed, replace(closed, state=BreakerState.OPEN, opened=7)])
            os._exit(0)
        os.waitpid(pid, 0)
        assert [(entry.mark, entry.token, entry.job_id) for entry in table.entries()] == [
            (Mark.RUNNING, f"{INCARNATION}.7", "jöb"),
            (Mark.ENDED, f"{INCARNATION}.8", "ended"),
            (Mark.OVERRAN, f"{INCARNATION}.8", "late"),
            (Mark.GIVEN_BACK, f"{INCARNATION}.9", "x" * 128),
        ]
        assert (table.phase, table.totals, table.in_use(), table.next_deadline()) == (Phase.DRAINING, (11, 3), 4, 2.5)
        assert table.pulse == 12.5
        assert table.breakers == [(BreakerState.CLOSED, 0), (BreakerState.OPEN, 7)]
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
                    time.sleep(0.001)  # job body
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

    def test_code_can_be_profiled_and_traced_after_an_interrupt(self) -> None:
        """In a process of its own: an interpreter that keeps looking for a withdrawn interrupt never gets on."""
        said = subprocess.check_output(
            [sys.executable, "-c", PROFILED], stderr=subprocess.STDOUT, text=True, timeout=30
        )
        assert said == "fine\n"

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
