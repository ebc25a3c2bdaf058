"""What is kept of an exception, whatever the exception does to prevent it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs import payload
from jobs.errors import InvalidJob, WorkerLost
from jobs.fingerprint import MAX_MESSAGE_BYTES, MAX_TRACEBACK_BYTES, clean_text, failure_of


def raised(make):
    try:
        raise make()
    except BaseException as error:
        return error


def failure_with(message):
    return failure_of(raised(lambda: ValueError(message)))


def first_place(error):
    raise error


def second_place(error):
    raise error


def caught(function, *arguments):
    try:
        function(*arguments)
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def test_a_failure_has_type_message_and_the_users_traceback():
    failure = failure_with("boom")
    assert (failure.error_type, failure.message) == ("ValueError", "boom")
    assert failure.traceback.startswith("Traceback (most recent call last):\n")
    assert failure.traceback.endswith("ValueError: boom\n")
    assert re.fullmatch("[0-9a-f]{16}", failure.fingerprint)
    assert failure.summary == "ValueError: boom"


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_exits_are_failures_like_others(kind):
    failure = failure_of(raised(lambda: kind("bye")))
    assert (failure.error_type, failure.message) == (kind.__name__, "bye")


def test_an_exception_that_was_never_raised_has_no_traceback_but_a_fingerprint():
    failure = failure_of(WorkerLost("worker-7 was killed by SIGKILL"))
    assert failure.fingerprint == failure_of(WorkerLost("worker-8 was killed by SIGKILL")).fingerprint
    assert failure.fingerprint != failure_of(WorkerLost("worker-7 was killed by SIGSEGV")).fingerprint


@pytest.mark.parametrize("unit", ["x", "é", "😀", "\ud800", "\0"])
def test_a_long_message_is_cut_between_characters(unit):
    failure = failure_with(unit * 100_000)
    assert len(failure.message.encode()) <= MAX_MESSAGE_BYTES
    assert failure.message.endswith("…")
    assert len(failure.traceback.encode()) <= MAX_TRACEBACK_BYTES


def test_a_long_traceback_keeps_its_start_and_its_end():
    text = failure_of(raised(lambda: ValueError("first" + "\n" * 50_000 + "last"))).traceback
    assert text.startswith("Traceback")
    assert "are left out" in text
    assert text.endswith("last\n")
    assert len(text.encode()) <= MAX_TRACEBACK_BYTES


def endless(turn):
    return endless(turn + 1)


def ping(turn):
    return pong(turn + 1)


def pong(turn):
    return ping(turn + 1)


def test_a_recursion_is_one_place_however_deep_it_went():
    def deeper():
        endless(0)

    assert failure_of(caught(endless, 0)).fingerprint != failure_of(caught(ping, 0)).fingerprint
    assert failure_of(caught(deeper)).error_type == "RecursionError"
    assert len(failure_of(caught(ping, 0)).traceback.encode()) <= MAX_TRACEBACK_BYTES


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("order 17 failed", "order 4242 failed"),
        ("no user 'ann'", "no user 'bob the 2nd'"),
        ('no user "ann"', 'no user ""'),
        ("object at 0x7f12ab", "object at 0xDEADBEEF"),
        ("job 0123abcd9e", "job ffffff0000"),
        ("id 123e4567-e89b-12d3-a456-426614174000", "id 00000000-0000-0000-0000-000000000000"),
        ("it broke\nin line one", "it broke\nsomewhere else"),
    ],
)
def test_what_varies_in_a_message_does_not_change_the_fingerprint(one, other):
    assert failure_with(one).fingerprint == failure_with(other).fingerprint


@pytest.mark.parametrize(
    ("one", "other"), [("no such file", "no such host"), ("facade", "decade"), ("don't go", "don't stay")]
)
def test_other_words_are_another_fingerprint(one, other):
    assert failure_with(one).fingerprint != failure_with(other).fingerprint


def test_the_type_the_place_and_the_cause_are_part_of_the_fingerprint():
    def chained(cause):
        raise ValueError("x") from cause

    failures = [
        failure_of(caught(first_place, ValueError("x"))),
        failure_of(caught(second_place, ValueError("x"))),
        failure_of(caught(first_place, TypeError("x"))),
        failure_of(caught(chained, KeyError("a"))),
        failure_of(caught(chained, OSError("a"))),
        failure_of(caught(first_place, ExceptionGroup("x", [ValueError("a")]))),
        failure_of(caught(first_place, ExceptionGroup("x", [TypeError("a")]))),
    ]
    assert len({failure.fingerprint for failure in failures}) == len(failures)


def test_a_chain_is_shown_from_its_first_cause():
    def chained():
        try:
            first_place(KeyError("deep"))
        except KeyError as error:
            raise ValueError("high") from error

    text = failure_of(caught(chained)).traceback
    assert text.index("KeyError: 'deep'") < text.index("direct cause") < text.index("ValueError: high")


def test_causes_that_go_in_a_circle_end():
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert "one" in failure_of(caught(first_place, one)).traceback


def test_the_members_of_a_group_are_shown():
    text = failure_of(caught(first_place, ExceptionGroup("both", [ValueError("a"), KeyError("b")]))).traceback
    assert "ValueError: a" in text
    assert "KeyError: 'b'" in text


def test_the_engines_own_frames_are_left_out_unless_there_are_no_others():
    def check():
        payload.check(b"{", 10)

    assert "jobs/payload.py" in failure_of(caught(check)).traceback
    error = caught(payload.check, b"{", 10)
    assert isinstance(error, InvalidJob)
    assert error.__traceback__ is not None
    failure = failure_of(error.with_traceback(error.__traceback__.tb_next))
    assert "jobs/payload.py" in failure.traceback


@given(st.text(max_size=200), st.integers(1, 100))
def test_cleaned_text_fits_and_can_be_stored(text, most):
    cleaned = clean_text(text, most + 3)
    assert len(cleaned.encode()) <= most + 3
