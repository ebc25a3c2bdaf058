"""The circuit breaker: when it opens, whom it lets through, when it closes, and what it costs while all is well."""

from __future__ import annotations

import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from jobs.circuit import Breaker, BreakerState, BreakerView, Terms

CLOSED, OPEN, HALF_OPEN = BreakerState


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give the clock of the breakers; nothing is random."""
    monkeypatch.setattr(random, "random", lambda: 0.0)
    return Clock()


def opened(clock: Clock, **terms: float) -> Breaker:
    """A breaker that three failures have just opened, for a second."""
    made = Breaker("b", Terms(failures=3, **terms), clock=clock)  # type: ignore[arg-type]
    for _ in range(3):
        assert made.admit() == 0
        made.failed("gone")
    return made


def test_failures_in_a_row_open_it_and_an_answer_between_them_does_not(clock: Clock) -> None:
    made = Breaker("b", Terms(failures=3), clock=clock)
    for outcome in "ffsffs":
        assert made.admit() == 0
        made.failed() if outcome == "f" else made.succeeded()
    assert (made.view().state, made.troubled) == (CLOSED, False)
    for _ in range(3):
        made.failed("gone")
    assert made.view() == BreakerView("b", OPEN, failures=3, opened=1, wait=1.0, away=0.0, why="gone")


def test_nothing_goes_through_until_its_time_is_over_and_then_one_at_a_time(clock: Clock) -> None:
    made = opened(clock)
    clock.now += 0.75
    assert made.admit() == pytest.approx(0.25)
    clock.now += 0.25
    assert made.admit() == 0
    assert made.view().state is HALF_OPEN
    assert made.admit() == 0.05
    made.succeeded()
    assert (made.view().state, made.admit(), made.troubled) == (CLOSED, 0, False)


def test_who_can_go_elsewhere_does_until_it_may_be_found_out_and_while_others_do(clock: Clock) -> None:
    made = opened(clock)
    shut = [made.is_shut]
    clock.now += 1
    for happens in (lambda: 0, made.admit, made.ended, made.admit, made.succeeded):
        assert not happens()
        shut.append(made.is_shut)
    assert shut == [True, False, True, False, True, False]


def test_each_probe_that_fails_doubles_the_time_up_to_the_longest(clock: Clock) -> None:
    made = opened(clock, longest_seconds=3.0)
    waits = []
    for _ in range(4):
        waits.append(made.view().wait)
        clock.now += waits[-1]
        assert made.admit() == 0
        made.failed()
    assert waits == [1, 2, 3, 3]
    assert (made.view().opened, made.view().away) == (1, 9)  # one outage, however many probes it took
    clock.now += 3
    assert made.admit() == 0
    made.succeeded()
    for _ in range(3):
        made.failed()
    assert (made.view().wait, made.view().opened) == (1, 2)  # it begins anew


def test_times_are_spread_so_that_processes_do_not_come_back_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "random", lambda: 0.8)
    clock = Clock()
    assert opened(clock).view().wait == pytest.approx(0.8)


def test_several_probes_and_several_answers_can_be_asked_for(clock: Clock) -> None:
    made = opened(clock, probes=2, successes=2)
    clock.now += 1
    assert (made.admit(), made.admit(), made.admit()) == (0, 0, 0.05)
    made.succeeded()
    assert (made.view().state, made.admit(), made.admit()) == (HALF_OPEN, 0, 0.05)
    made.succeeded()
    assert made.view().state is CLOSED


def test_a_probe_that_never_ends_makes_room_and_one_that_tells_nothing_at_once(clock: Clock) -> None:
    made = opened(clock, probe_seconds=5.0)
    clock.now += 1
    assert (made.admit(), made.admit()) == (0, 0.05)
    clock.now += 5
    assert (made.admit(), made.admit()) == (0, 0.05)
    made.ended()
    assert (made.admit(), made.view().state) == (0, HALF_OPEN)


def test_what_cannot_pass_by_itself_opens_it_at_once(clock: Clock) -> None:
    made = Breaker("b", Terms(failures=1000), clock=clock)
    made.failed("a wrong password", at_once=True)
    assert (made.view().state, made.view().why) == (OPEN, "a wrong password")


def test_an_answer_to_a_call_from_before_does_not_close_it(clock: Clock) -> None:
    made = opened(clock)
    made.succeeded()
    assert (made.view().state, made.admit()) == (OPEN, 1)


def test_it_tells_when_it_leaves_closed_and_when_it_is_back_and_nothing_between(clock: Clock) -> None:
    told: list[BreakerView] = []
    made = Breaker("b", Terms(failures=1), clock=clock, tell=told.append)
    made.failed("gone")
    for seconds in (1, 2):
        clock.now += seconds
        assert made.admit() == 0
        made.failed("gone")
    clock.now += 4
    assert made.admit() == 0
    made.succeeded()
    assert [(view.state, view.away) for view in told] == [(OPEN, 0), (CLOSED, 7)]
    assert made.view() == BreakerView("b", CLOSED, failures=0, opened=1, wait=0, away=0, why="")


@pytest.mark.parametrize(
    "terms",
    [
        {"failures": 0},
        {"probes": 0},
        {"successes": 0},
        {"open_seconds": 0},
        {"open_seconds": 31},
        {"longest_seconds": float("inf")},
        {"longest_seconds": float("nan")},
        {"probe_seconds": 0},
    ],
)
def test_terms_that_could_never_open_or_close_it_are_refused(terms: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"at least 1|more than 0"):
        Terms(**terms)  # type: ignore[arg-type]


def test_threads_that_all_ask_at_once_get_no_more_probes_than_there_are(clock: Clock) -> None:
    made = opened(clock, probes=3)
    clock.now += 1
    gate = threading.Barrier(20)

    def ask(_: int) -> float:
        gate.wait()
        return made.admit()

    with ThreadPoolExecutor(20) as threads:
        assert sorted(threads.map(ask, range(20)))[:4] == [0, 0, 0, 0.05]


def test_a_forked_child_is_not_held_up_by_a_lock_of_its_parent(clock: Clock) -> None:
    made = opened(clock)
    with made._lock:
        child = os.fork()
        if child == 0:
            made.forked()
            os._exit(0 if made.view().state is OPEN else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_probe_that_was_lost_does_not_keep_it_shut(clock: Clock) -> None:
    """Nobody asks what is shut, and so nobody would find out."""
    made = opened(clock)
    clock.now += 1
    assert made.admit() == 0
    assert made.is_shut
    clock.now += made.terms.probe_seconds
    assert not made.is_shut


def test_the_end_of_a_call_that_it_has_overtaken_says_nothing(clock: Clock) -> None:
    made = Breaker("b", Terms(failures=3, probes=2), clock=clock)
    began = made.turn
    for _ in range(3):
        made.failed("gone", turn=began)
    made.failed("gone, says one more", turn=began)
    assert (made.view().failures, made.view().why) == (3, "gone")
    clock.now += 1
    assert made.admit() == made.admit() == 0
    made.succeeded(began)
    made.failed("late", turn=began)
    made.ended(began)
    assert (made.view().state, made.admit() > 0) == (HALF_OPEN, True)  # both probes are out still
    probing = made.turn
    made.succeeded(probing)
    made.failed("late", at_once=True, turn=probing)
    assert (made.view().state, made.troubled) == (CLOSED, False)
