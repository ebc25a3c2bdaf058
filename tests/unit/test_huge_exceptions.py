"""Describing an exception costs about the same, however much there is of it."""

import sys

import pytest

from jobs.fingerprint import MAX_MESSAGE_BYTES, MAX_TRACEBACK_BYTES, failure_of


def dive(depth, message):
    if depth:
        dive(depth - 1, message)
    else:
        raise ValueError(message)


@pytest.fixture
def error():
    """Give an exception of 200,000 frames behind a hundred others, each with a million lines of half a character."""
    lines, deep = "\ud800é\n" * 1_000_000, sys.getrecursionlimit()
    sys.setrecursionlimit(300_000)
    try:
        dive(200_000, lines)
    except ValueError as raised:
        error = raised
    finally:
        sys.setrecursionlimit(deep)
    for _ in range(100):
        link = ValueError(lines)
        link.__cause__ = error
        error = link
    return error


@pytest.mark.timeout(10)
def test_a_huge_exception_is_described_without_going_through_all_of_it(error):
    failure = failure_of(error)
    assert failure.message.startswith("?é\n?é\n")
    assert len(failure.message.encode()) <= MAX_MESSAGE_BYTES
    assert failure.traceback.startswith("Traceback (most recent call last):")
    assert len(failure.traceback.encode()) <= MAX_TRACEBACK_BYTES
