"""Connections to one server: dedicated channels for threads that own one, a small pool for everybody else."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from jobs.circuit import Breaker
from jobs.conf import Config
from jobs.errors import StoreError, StoreUnavailable
from jobs.meanwhile import Meanwhile

from .breaking import store_breaker
from .channel import Call, Channel
from .connecting import connections
from .failures import leads_elsewhere
from .packing import Arg
from .placed import Find


class Client:
    """Runs transitions on a server. Safe for threads; a forked child starts with no connections of its parent.

    `timeout` bounds connecting and each answer, in seconds; `most` bounds the connections of the shared pool.
    Nothing is repeated behind the caller's back. `find` says where the primary is, instead of `url`. `breaker`
    stands before every call of the client and of its channels.
    """

    def __init__(
        self,
        url: str | None,
        *,
        password: str | None = None,
        timeout: float = 5.0,
        most: int = 16,
        breaker: Breaker | None = None,
        find: Find | None = None,
    ) -> None:
        self._factory = connections(url, password, timeout, find)
        self._timeout = timeout
        self._most = most
        self.breaker = breaker or store_breaker(Config(), timeout=timeout)
        self._reset()

    def _reset(self) -> None:
        self.breaker.forked()
        self._pid = os.getpid()
        self._free: list[Channel] = []
        self._freed = threading.Condition()
        self._made = self._waiting = 0
        self._ahead = [True] * (self._most // 2)  # one is taken by each call with something to do meanwhile

    def channel(self) -> Channel:
        """A connection of the caller's own, opened at first use. The caller closes it."""
        return Channel(self._factory, self._timeout, self.breaker)

    def run(
        self, name: str, keys: Sequence[Arg], args: Sequence[Arg] = (), meanwhile: Meanwhile[Any] | None = None
    ) -> Any:
        """The reply to one transition over a pooled connection.

        `meanwhile` may be done while the server works. It may need a connection as well: half of them are kept for
        those who wait for nothing else, so that not everybody can wait for one that everybody holds. A server that has
        failed just now is given no time: others wait for what the first answer says of it.
        """
        if meanwhile is None:
            return self._borrowed("run", name, keys, args)
        return self._ahead_of(meanwhile, "run", name, keys, args)

    def run_and_wait(
        self, calls: Sequence[Call], probe: str, replicas: int, wait_ms: int, meanwhile: Meanwhile[Any] | None = None
    ) -> tuple[list[Any], int]:
        """The replies to independent transitions, and how many replicas had it all within `wait_ms`; see `run`."""
        asked = calls, probe, replicas, wait_ms
        answer: tuple[list[Any], int]
        if meanwhile is None:
            answer = self._borrowed("run_and_wait", *asked)
        else:
            answer = self._ahead_of(meanwhile, "run_and_wait", *asked)
        return answer

    def run_all(self, calls: Sequence[Call]) -> list[Any]:
        """The replies to independent transitions in one round trip."""
        replies: list[Any] = self._borrowed("run_all", calls)
        return replies

    def call(self, *command: Arg) -> Any:
        """The reply to one command over a pooled connection."""
        return self._borrowed("call", *command)

    def pipeline(self, commands: Sequence[Sequence[Arg]]) -> list[Any]:
        """The replies to plain commands in one round trip."""
        replies: list[Any] = self._borrowed("pipeline", commands)
        return replies

    def close(self) -> None:
        """Drops the pooled connections. The client can be used again."""
        resting: list[Channel] = []
        while self._free:
            try:
                resting.append(self._free.pop())
            except IndexError:  # somebody else took the last one
                break
        for channel in resting:
            channel.close()
        self._free += resting
        if self._waiting:
            with self._freed:
                self._freed.notify(len(resting))

    def _ahead_of(self, meanwhile: Meanwhile[Any], method: str, *args: Any) -> Any:
        tokens, mine = self._ahead, []
        try:
            if not self.breaker.troubled:
                with suppress(IndexError):
                    mine.append(tokens.pop())
            return self._borrowed(method, *args, *([meanwhile] if mine else []))
        finally:
            tokens.extend(mine)

    def _borrowed(self, method: str, *args: Any) -> Any:
        channel = self._take()
        try:
            return getattr(channel, method)(*args)
        except StoreError as error:
            if leads_elsewhere(error):
                self.close()  # the others too would find it out, one failure each
            raise
        except BaseException:
            channel.abandon()
            raise
        finally:
            self._give(channel)

    def _take(self) -> Channel:
        """The channel that was used last, a new one, or the next that is given back. Raises StoreUnavailable."""
        if self._pid != os.getpid():
            self._reset()
        try:
            channel = self._free.pop()  # the usual case takes no lock
        except IndexError:
            pass
        else:
            channel.freshen()
            return channel
        deadline = time.monotonic() + self._timeout
        with self._freed:
            if self._made < self._most:
                self._made += 1
                return self.channel()
            self._waiting += 1
            try:
                return self._next(deadline)
            finally:
                self._waiting -= 1

    def _give(self, channel: Channel) -> None:
        channel.rest()
        self._free.append(channel)
        if self._waiting:
            with self._freed:
                self._freed.notify()

    def _next(self, deadline: float) -> Channel:
        while self._freed.wait_for(lambda: self._free, deadline - time.monotonic()):
            try:
                channel = self._free.pop()
            except IndexError:  # somebody who did not wait was quicker
                continue
            channel.freshen()
            return channel
        raise StoreUnavailable("all connections to the store are busy", "pool")
