"""Exceptions that do what they can not to be described are described all the same."""

import re

import pytest

from jobs.fingerprint import failure_of


def failure_by(kind):
    try:
        raise kind()
    except BaseException as error:
        return failure_of(error)


class MuteError(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class QuittingError(Exception):
    def __str__(self):
        raise SystemExit


class NumberError(Exception):
    def __str__(self):
        return 5  # noqa: PLE0307 - that is the point


class LoopingError(Exception):
    def __str__(self):
        return str(self)

    def __repr__(self):
        return repr(self)


class Words(str):
    __slots__ = ()

    def encode(self, *_):
        raise RuntimeError

    def __getitem__(self, _):
        raise RuntimeError


class WordyError(Exception):
    def __str__(self):
        return Words("boom")


class FamilyError(Exception):
    @property
    def __cause__(self):  # type: ignore[override]
        raise RuntimeError

    @property
    def __notes__(self):  # type: ignore[override]
        raise KeyboardInterrupt


def nameless():
    """Return an exception whose type has no name; not at the top, where it would hinder the collection of tests."""

    class Meta(type):
        @property
        def __name__(cls):  # type: ignore[override]
            raise RuntimeError

    class NamelessError(Exception, metaclass=Meta):
        pass

    return NamelessError()


@pytest.mark.parametrize(
    "kind", [MuteError, QuittingError, NumberError, LoopingError, WordyError, FamilyError, nameless]
)
def test_an_exception_that_refuses_to_be_described_is_described(kind):
    failure = failure_by(kind)
    assert failure.error_type
    assert failure.message
    assert re.fullmatch("[0-9a-f]{16}", failure.fingerprint)


def test_a_message_that_cannot_be_read_says_why():
    failure = failure_by(MuteError)
    assert failure.error_type == "MuteError"
    assert failure.message == "<its message cannot be read: __str__ raised RuntimeError>"
    assert "test_hostile_exceptions.py" in failure.traceback
