"""Wrappers around real connections that break on demand: replies get lost, others act in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jobs.errors import StoreUnavailable
from jobs.store.channel import Channel
from jobs.store.client import Client
from jobs.store.packing import Arg


class Meddler:
    """A client in whose calls somebody else acts: `before(name, act)` runs `act` once, just before script `name`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._acts: dict[str, Callable[[], object]] = {}

    def before(self, name: str, act: Callable[[], object]) -> None:
        """Let `act` happen just before the next script `name`."""
        self._acts[name] = act

    def run(self, name: str, keys: Sequence[Arg], args: Sequence[Arg] = (), *more: Any) -> Any:
        """Run the script after what was asked for."""
        act = self._acts.pop(name, None)
        if act:
            act()
        return self._client.run(name, keys, args, *more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


class Losing:
    """A channel or client that sends, reads and throws the reply to a script away, once each `lose(name)`."""

    def __init__(self, inner: Channel | Client) -> None:
        self._inner = inner
        self._losing = ""
        self.lost: list[str] = []

    def lose(self, name: str) -> None:
        """Lose the reply to the next script `name`."""
        self._losing = name

    def run(self, name: str, keys: Sequence[Arg], args: Sequence[Arg] = (), *more: Any) -> Any:
        """Run the script; the caller may never hear of it."""
        reply = self._inner.run(name, keys, args, *more)
        if self._losing == name:
            self._losing = ""
            self.lost.append(name)
            raise StoreUnavailable("the reply was lost", "connection")
        return reply

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
