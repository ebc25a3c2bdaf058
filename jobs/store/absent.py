"""Stands for a server that is away: whatever is asked of it fails at once, and in the same way."""

from __future__ import annotations

from typing import Any, NoReturn

from jobs.errors import StoreError, StoreUnavailable

from .channel import Channel
from .client import Client


class AbsentClient(Client):
    """A client that connects to nothing. Each call raises a failure like the one it is made with."""

    def __init__(self, failure: StoreError) -> None:
        self._failure = failure

    def channel(self) -> Channel:
        """Raise the failure."""
        self._raise()

    def close(self) -> None:
        """Nothing is open."""
        return

    def _ahead_of(self, meanwhile: object, method: str, *args: Any) -> Any:
        self._raise()

    def _borrowed(self, method: str, *args: Any) -> Any:
        self._raise()

    def _raise(self) -> NoReturn:
        first = self._failure
        kind = StoreUnavailable if isinstance(first, StoreUnavailable) else type(first)
        failure = kind(first.args[0], first.kind)
        failure.retry_after, failure.longest_wait, failure.say_every = (
            first.retry_after, first.longest_wait, first.say_every,
        )  # fmt: skip
        failure.partition, failure.may_be_done = first.partition, False
        raise failure
