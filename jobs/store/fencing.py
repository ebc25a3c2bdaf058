"""What scripts answer whose caller leads no longer."""

from __future__ import annotations

from typing import TypeVar

NOT_LEADING = -1
T = TypeVar("T")


class NotLeading(Exception):
    """The fencing token is not that of the leader in office: nothing was written."""


def fenced(reply: T) -> T:
    """The reply of a script that takes a fencing token. Raises NotLeading where it did not hold."""
    if reply == NOT_LEADING:
        raise NotLeading
    return reply
