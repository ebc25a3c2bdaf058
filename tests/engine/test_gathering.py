"""How many outcomes a settler takes on at once."""

from __future__ import annotations

import threading
import time
from queue import SimpleQueue

from jobs.worker.gathering import DENSE, LAPSE, MOST_AT_ONCE, Gathering
from jobs.worker.held import Held
from tests.engine.parts import held

LINGER = 0.3


def put(outbox: SimpleQueue[Held | None], jobs: int, after: float = 0.0) -> None:
    """So many jobs come, maybe a little later."""

    def come() -> None:
        for _ in range(jobs):
            outbox.put(held())

    threading.Timer(after, come).start() if after else come()


def test_all_that_are_there_are_taken_and_nothing_is_waited_for() -> None:
    outbox: SimpleQueue[Held | None] = SimpleQueue()
    gathering = Gathering(outbox)
    put(outbox, MOST_AT_ONCE + 20)
    assert (len(gathering.take(1)), len(gathering.take(1)), len(gathering.take(0.01))) == (MOST_AT_ONCE, 20, 0)


def test_a_none_ends_the_wait() -> None:
    outbox: SimpleQueue[Held | None] = SimpleQueue()
    outbox.put(None)
    started = time.monotonic()
    assert Gathering(outbox).take(10) == []
    assert time.monotonic() - started < 5


def test_a_dense_flow_is_let_gather() -> None:
    outbox: SimpleQueue[Held | None] = SimpleQueue()
    gathering = Gathering(outbox, LINGER)
    put(outbox, DENSE)
    assert len(gathering.take(1)) == DENSE
    put(outbox, 1)
    put(outbox, 5, after=LINGER / 3)
    assert len(gathering.take(1)) == 6


def test_what_fills_a_batch_is_taken_at_once() -> None:
    outbox: SimpleQueue[Held | None] = SimpleQueue()
    gathering = Gathering(outbox, LINGER)
    put(outbox, 3 * MOST_AT_ONCE)
    started = time.monotonic()
    assert [len(gathering.take(1)) for _ in range(3)] == [MOST_AT_ONCE] * 3
    assert time.monotonic() - started < LINGER


def test_a_flow_that_has_ended_is_dense_no_more() -> None:
    outbox: SimpleQueue[Held | None] = SimpleQueue()
    gathering = Gathering(outbox, LINGER)
    put(outbox, DENSE)
    gathering.take(1)
    assert gathering.take(LAPSE + 0.05) == []
    put(outbox, 1)
    started = time.monotonic()
    assert len(gathering.take(1)) == 1
    assert time.monotonic() - started < LINGER


def test_a_thin_one_is_not() -> None:
    outbox: SimpleQueue[Held | None] = SimpleQueue()
    gathering = Gathering(outbox, LINGER)
    put(outbox, DENSE - 1)
    assert len(gathering.take(1)) == DENSE - 1
    put(outbox, 1)
    started = time.monotonic()
    assert len(gathering.take(1)) == 1
    assert time.monotonic() - started < LINGER
