"""A handler's breaker: while a dependency is away its jobs are put off, and none spends an attempt."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest

from jobs.circuit import BreakerState, Dependency, DependencyOpen, Terms, breaker, dependencies
from jobs.circuit import dependency as module
from jobs.errors import Discard, Retry, Snooze
from jobs.interrupts import CancelRequested, TimeLimitReached
from tests.support.polling import wait_until

TERMS = Terms(failures=2, open_seconds=20, longest_seconds=20)


class Declined(Exception):
    """The card was declined: the dependency is well."""


@pytest.fixture(autouse=True)
def nobody_known() -> Iterator[None]:
    """Forget the breakers of other tests."""
    module._kept.clear()
    module._known.clear()
    yield
    module._kept.clear()
    module._known.clear()


def fail(error: BaseException) -> None:
    raise error


def away(name: str = "stripe") -> Dependency:
    """A dependency that has failed twice."""
    made = breaker(name, terms=TERMS, ignore=(Declined,))
    for _ in range(2):
        with pytest.raises(ConnectionError):
            made.call(fail, ConnectionError("refused"))
    return made


def test_an_answer_and_an_error_come_through() -> None:
    assert breaker("stripe").call(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        breaker("stripe").call(divmod, 7, 0)


def test_while_it_is_away_a_job_is_put_off_until_the_next_probe_or_a_little_later() -> None:
    made = away()
    with pytest.raises(Snooze) as caught:
        made.call(fail, AssertionError("it is not called"))
    assert isinstance(caught.value, DependencyOpen)
    assert (caught.value.dependency, caught.value.reason) == ("stripe", "waiting for stripe")
    assert 14 < caught.value.seconds <= 30


def test_what_says_nothing_of_the_dependency_does_not_open_it() -> None:
    made = breaker("stripe", terms=TERMS, ignore=(Declined,))
    for error in (Declined("no"), Snooze(1), Declined("no"), Snooze(1)):
        with pytest.raises(type(error)):
            made.call(fail, error)
    assert not made.breaker.troubled


NO_WORD = (Declined("no"), Snooze(1), Retry("later"), Discard("no"), DependencyOpen("mail", 1), CancelRequested(),
           asyncio.CancelledError("cancel"), SystemExit(1))  # fmt: skip


@pytest.mark.parametrize("error", NO_WORD, ids=lambda error: type(error).__name__)
def test_it_is_no_answer_either(error: BaseException) -> None:
    made = breaker("stripe", terms=Terms(failures=2, open_seconds=0.01), ignore=(Declined,))
    for each in (ConnectionError(), error, ConnectionError()):  # two failures in a row, nothing between them
        with pytest.raises(type(each)):
            made.call(fail, each)
    assert made.breaker.view().state is BreakerState.OPEN
    for _ in range(3):  # a probe that found out nothing: the next one may
        wait_until(lambda: made.breaker.view().wait == 0.0)
        with pytest.raises(type(error)):
            made.call(fail, error)
        assert made.breaker.view().state is BreakerState.HALF_OPEN
    assert made.call(int) == 0
    assert made.breaker.view().state is BreakerState.CLOSED


def test_a_call_that_is_cut_off_by_a_timeout_counts() -> None:
    made = breaker("stripe", terms=TERMS)

    async def hang() -> None:
        await made.acall(asyncio.Event().wait)

    with pytest.raises(TimeLimitReached):
        made.call(fail, TimeLimitReached())
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(hang(), 0.01))
    assert made.breaker.view().state is BreakerState.OPEN


def test_it_guards_a_block_and_a_coroutine_too() -> None:
    async def answer(number: int) -> int:
        return number

    made = breaker("stripe", terms=TERMS)
    assert asyncio.run(made.acall(answer, 3)) == 3
    with made:
        pass
    away()
    with pytest.raises(DependencyOpen), made:
        raise AssertionError("the block is not entered")
    with pytest.raises(DependencyOpen):
        asyncio.run(made.acall(answer, 3))


def test_a_name_means_one_breaker_and_all_that_were_used_are_listed() -> None:
    assert away("stripe") is breaker("stripe")
    breaker("mail").call(int)
    assert [(view.name, view.state) for view in dependencies()] == [
        ("mail", BreakerState.CLOSED),
        ("stripe", BreakerState.OPEN),
    ]


def test_the_first_that_says_its_terms_gives_them_and_another_word_is_an_error() -> None:
    plain = breaker("stripe")
    assert breaker("stripe", terms=TERMS, ignore=(Declined,)) is plain
    assert plain.breaker.terms == TERMS
    assert breaker("stripe") is breaker("stripe", terms=Terms(failures=2, open_seconds=20, longest_seconds=20)) is plain
    with pytest.raises(ValueError, match="the breaker 'stripe' has other terms already"):
        breaker("stripe", terms=Terms(failures=3))
    with pytest.raises(ValueError, match="the breaker 'stripe' ignores something else already: Declined"):
        breaker("stripe", ignore=(KeyError,))
    for _ in range(2):
        with pytest.raises(Declined):
            plain.call(fail, Declined("no"))
    assert not plain.breaker.troubled


def test_a_breaker_that_a_module_holds_stays_the_only_one_of_its_name() -> None:
    stripe = breaker("stripe", terms=TERMS)
    for number in range(2500):
        breaker(f"tenant-{number}")
    assert breaker("stripe") is stripe
    away("stripe")
    assert [view.state for view in dependencies() if view.name == "stripe"] == [BreakerState.OPEN]
    assert stripe.breaker.troubled


def test_names_without_end_do_not_fill_the_memory_and_trouble_is_kept() -> None:
    away("stripe")
    for number in range(3000):
        breaker(f"tenant-{number}")
    assert len(dependencies()) <= 1001
    assert breaker("stripe").breaker.troubled


def test_names_without_end_that_are_all_in_trouble_do_not_fill_the_memory_either() -> None:
    for number in range(1500):
        away(f"tenant-{number}")
    gc.collect()
    assert len([view for view in dependencies() if view.name.startswith("tenant-")]) <= 1000
    assert breaker("tenant-1499").breaker.troubled
