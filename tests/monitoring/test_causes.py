"""Why jobs wait: the word and the sentence for each kind of trouble, and how long it will take."""

import pytest

from monitoring.causes import Cause, QueueFacts, cause_of

BACKLOG = {
    "waiting": 500,
    "oldest_ms": 60_000,
    "arriving": 10.0,
    "leaving": 20.0,
    "workers": 2,
    "slots": 10,
    "busy": 10,
}
ALL_FAIL = {"failures": 20, "executions": 20}


def facts(**changes):
    return QueueFacts(**BACKLOG | changes)


def test_a_queue_where_nothing_waits_needs_no_word():
    assert cause_of(QueueFacts(workers=1)) == Cause()


def test_jobs_that_wait_for_less_than_five_seconds_are_no_backlog():
    assert cause_of(facts(oldest_ms=4_999)).word == ""
    assert cause_of(facts(oldest_ms=5_000)).word == "load"


def test_jobs_that_fail_need_not_wait_to_be_told_of():
    words = "something that the handlers depend on may be down"
    idle = QueueFacts(workers=1, failures=25_000, executions=25_000)
    assert cause_of(idle) == Cause("dependency", f"100 % of executions fail: {words}", failing=100)
    swift = facts(oldest_ms=3, failures=2_999, executions=3_000)
    assert (cause_of(swift).word, cause_of(swift).failing) == ("dependency", 99)
    assert cause_of(QueueFacts(workers=1, failures=9, executions=9)) == Cause()


def test_jobs_that_are_put_off_for_a_dependency_need_not_wait_either():
    found = cause_of(QueueFacts(workers=1, waits_for={("charge", "stripe")}))
    assert found == Cause("dependency", "Jobs are put off, no attempt spent: charge waiting for stripe")
    many = {("charge", "stripe"), ("refund", "stripe"), ("bill", "stripe"), ("send", "mail")}
    told = cause_of(facts(waits_for=many, **ALL_FAIL))
    assert (told.failing, told.is_trouble) == (0, True)
    assert told.why.endswith(": bill and 2 more waiting for stripe, send waiting for mail")


@pytest.mark.parametrize(
    ("changes", "word", "why"),
    [
        ({"paused": True}, "paused", "Paused by hand: nothing is claimed until somebody resumes it"),
        ({"paused": True, "waiting": 0}, "paused", "Paused by hand: nothing is claimed until somebody resumes it"),
        ({"waiting": 0, "held": 1200}, "paused", "1,200 pending jobs are of paused types"),
        ({"workers": 0, "slots": 0, "busy": 0}, "no workers", "No live worker serves this queue"),
        (
            {"failures": 18, "executions": 20},
            "dependency",
            "90 % of executions fail: something that the handlers depend on may be down",
        ),
        ({"mean_ms": 4100.0, "usual_ms": 900.0}, "slow", "A job takes 4.1 s, usually 900 ms"),
        ({"at_most": True}, "limit", "All 10 slots are busy and the pool has its most workers"),
        ({"at_most": None}, "load", "All 10 slots are busy; whether the pool may grow is not known"),
        ({}, "load", "10/s come in, 20/s go out"),
        ({"rated": False}, "load", "More came in at once than 10 slots can run"),
    ],
)
def test_each_trouble_has_a_word_and_a_reason(changes, word, why):
    cause = cause_of(facts(**changes))
    assert (cause.word, cause.why) == (word, why)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"paused": True, "workers": 0, **ALL_FAIL}, "paused"),
        ({"workers": 0, **ALL_FAIL}, "no workers"),
        ({"failures": 10, "executions": 20, "mean_ms": 100.0, "usual_ms": 10.0}, "dependency"),
        ({"waiting": 0, "held": 7, **ALL_FAIL}, "dependency"),
        ({"mean_ms": 100.0, "usual_ms": 10.0, "at_most": True}, "slow"),
        ({"failures": 10, "executions": 21}, "load"),
        ({"mean_ms": 19.0, "usual_ms": 10.0}, "load"),
        ({"at_most": True, "busy": 9}, "load"),
        ({"failures": 9, "executions": 9}, "load"),
    ],
)
def test_what_is_most_certain_is_named(changes, word):
    assert cause_of(facts(**changes)).word == word


def test_a_queue_grows_where_at_least_as_much_comes_in_as_goes_out():
    assert cause_of(facts(arriving=20.0)) == Cause("load", "20/s come in, 20/s go out", True, None)
    assert not cause_of(facts(arriving=19.9)).growing
    assert not cause_of(facts(arriving=0.0, leaving=0.0)).growing


def test_the_time_to_clear_comes_from_the_rates():
    assert cause_of(facts()).clears_in_ms == 50_000
    assert cause_of(facts(waiting=0)).clears_in_ms is None
    assert cause_of(facts(paused=True)).clears_in_ms is None


def test_nothing_is_estimated_from_rates_that_are_guesses():
    assert cause_of(facts(rated=False)).clears_in_ms is None
    assert not cause_of(facts(rated=False, arriving=20.0)).growing


def test_only_what_does_not_get_better_by_itself_is_trouble():
    troubles = [cause_of(facts(**changes)).is_trouble for changes in ({"workers": 0}, ALL_FAIL, {}, {"paused": True})]
    assert troubles == [True, True, False, False]
