"""What is raised inside a handler from outside, to end it."""

from __future__ import annotations

from typing import ClassVar


class Interrupt(BaseException):
    """Raised inside a handler from outside; no Exception, so that a handler's `except Exception` lets it pass.

    `word`: what a task is cancelled with where that is the way to end it.
    """

    word: ClassVar[str] = ""


class TimeLimitReached(Interrupt):
    """The job ran as long as it may."""

    word = "timeout"


class CancelRequested(Interrupt):
    """Somebody cancelled the job while it ran."""

    word = "cancel"
