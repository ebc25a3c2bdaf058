"""Work for the time in which an answer is awaited."""

from __future__ import annotations

import pytest

from jobs.interrupts import TimeLimitReached
from jobs.meanwhile import Meanwhile


def test_work_is_done_once_by_whoever_comes_first() -> None:
    steps = iter(range(5))
    ahead = Meanwhile(lambda: next(steps))
    ahead()
    ahead()
    assert (ahead.result(), ahead.result(), next(steps)) == (0, 0, 1)


def test_work_that_nobody_did_is_done_when_it_is_asked_for() -> None:
    assert Meanwhile(lambda: "late").result() == "late"


def test_its_failure_is_for_whoever_asks_for_the_result() -> None:
    ahead = Meanwhile(lambda: 1 // 0)
    ahead()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            ahead.result()


def test_an_interrupt_goes_through_at_once() -> None:
    def interrupted() -> None:
        raise TimeLimitReached

    ahead = Meanwhile(interrupted)
    with pytest.raises(TimeLimitReached):
        ahead()
    with pytest.raises(TimeLimitReached):
        ahead.result()
