"""One connection to the store with one owner. After a failure it is closed, never reused half-read."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from time import monotonic
from typing import Any, Final

import redis

from jobs.circuit import Breaker
from jobs.errors import StoreError
from jobs.meanwhile import Meanwhile

from .breaking import demand
from .failures import Effect, classify, effect_of, leads_elsewhere
from .packing import Arg, named, packed_command
from .placed import Placed
from .scripts import load

Call = tuple[str, Sequence[Arg], Sequence[Arg]]  # a transition with its KEYS and ARGV
FAILURES = (redis.RedisError, OSError)
SLACK: Final = 1.0  # seconds that an answer to a command that blocks may be late
PROBE_MS: Final = 60_000  # for which a write that only shows that it was done is kept
STALE_AFTER: Final = 1.0  # seconds of rest after which a connection is looked at before it is used


class Channel:
    """Sends commands and scripts over one connection, in order. Not for use by two threads at once.

    Every method raises StoreUnavailable, StoreMisconfigured or StoreError (see `failures`), and asks the breaker first.
    """

    def __init__(self, pool: redis.ConnectionPool, timeout: float, breaker: Breaker) -> None:
        self._connection: Any = pool.make_connection()
        self._timeout = timeout
        self._breaker = breaker
        self._turn = breaker.turn  # in which the last call began
        self._rests_since = monotonic()

    def rest(self) -> None:
        """Nobody uses it from now on."""
        self._rests_since = monotonic()

    def freshen(self) -> None:
        """Drop a connection that the server, or something between, has closed while it rested."""
        if monotonic() - self._rests_since < STALE_AFTER or self._connection._sock is None:
            return
        try:
            stale = self._connection.can_read(timeout=0)  # nothing is asked for: what can be read is the end
        except FAILURES:
            stale = True
        if stale:
            self._connection.disconnect()

    def call(self, *command: Arg) -> Any:
        """The reply to one command."""
        packed = packed_command(command)
        self._turn = demand(self._breaker)
        try:
            self._send(packed)
            reply = self._connection.read_response()
        except FAILURES as error:
            raise self._failed(error, named(command)) from error
        self._breaker.succeeded(self._turn)
        return reply

    def run(
        self, name: str, keys: Sequence[Arg], args: Sequence[Arg] = (), meanwhile: Meanwhile[Any] | None = None
    ) -> Any:
        """The reply to one transition, for which `meanwhile` is the time. A server may be given its source first."""
        script = load(name)
        packed = packed_command(("EVALSHA", script.sha, len(keys), *keys, *args))
        self._turn = demand(self._breaker)
        try:
            self._send(packed)
            if meanwhile is not None and not self._breaker.troubled:
                meanwhile()
            reply = self._connection.read_response()
        except redis.exceptions.NoScriptError:
            return self._evaluated(name, keys, args)
        except FAILURES as error:
            raise self._failed(error, f"the script {name}") from error
        self._breaker.succeeded(self._turn)
        return reply

    def run_and_wait(
        self, calls: Sequence[Call], probe: str, replicas: int, wait_ms: int, meanwhile: Meanwhile[Any] | None = None
    ) -> tuple[list[Any], int]:
        """The replies to independent transitions, and how many replicas had within `wait_ms` all that those made or
        found; `replicas` are enough. For `meanwhile` there is time until then.

        WAIT asks about what its own connection wrote last: the key `probe` is written, lest that is older than what
        somebody else wrote and a transition found.
        """
        asked = [packed_command(("SET", probe, "1", "PX", PROBE_MS)), packed_command(("WAIT", replicas, wait_ms))]
        packed = [packed_command(("EVALSHA", load(name).sha, len(keys), *keys, *args)) for name, keys, args in calls]
        seconds = self._timeout + wait_ms / 1000
        late = len(packed) + 1
        *replies, probed, there = self._replies([*packed, *asked], "WAIT", seconds, late, meanwhile)
        if self._evaluate(calls, replies):
            probed, there = self._replies(asked, "WAIT", seconds, late=1)
        self._breaker.succeeded(self._turn)
        is_known = not isinstance(probed, Exception) and not isinstance(there, Exception)
        return replies, int(there) if is_known else 0

    def run_all(self, calls: Sequence[Call]) -> list[Any]:
        """The replies to several transitions sent in one go; independent of each other."""
        packed = [packed_command(("EVALSHA", load(name).sha, len(keys), *keys, *args)) for name, keys, args in calls]
        replies = self._replies(packed)
        self._evaluate(calls, replies)
        self._breaker.succeeded(self._turn)
        return replies

    def pipeline(self, commands: Sequence[Sequence[Arg]]) -> list[Any]:
        """The replies to several plain commands sent in one go. The first refusal is raised after all were read."""
        replies = self._replies([packed_command(tuple(command)) for command in commands])
        for command, reply in zip(commands, replies, strict=True):
            if isinstance(reply, Exception):
                raise self._failed(reply, named(command)) from reply
        self._breaker.succeeded(self._turn)
        return replies

    def block(self, seconds: float, *command: Arg, slack: float = SLACK) -> Any:
        """The reply to a command that may block the server for `seconds`; waits `slack` seconds more than that."""
        [reply] = self._replies([packed_command(command)], named(command), seconds + slack)
        if isinstance(reply, Exception):
            raise self._failed(reply, named(command)) from reply
        self._breaker.succeeded(self._turn)
        return reply

    def block_and_run(
        self, seconds: float, command: Sequence[Arg], name: str, keys: Sequence[Arg], args: Sequence[Arg]
    ) -> tuple[Any, Any]:
        """The replies to a command that may block for `seconds` and to the transition that the server runs right after.

        Where the server refuses the first, that reply is the StoreError; the transition was run all the same.
        """
        packed = [packed_command(tuple(command)), packed_command(("EVALSHA", load(name).sha, len(keys), *keys, *args))]
        first, second = self._replies(packed, named(command), seconds + SLACK)
        if isinstance(second, redis.exceptions.NoScriptError):
            second = self._evaluated(name, keys, args)
        elif isinstance(second, Exception):
            raise self._failed(second, f"the script {name}") from second
        self._breaker.succeeded(self._turn)
        return classify(first, named(command)) if isinstance(first, Exception) else first, second

    def listen(self, seconds: float) -> bool:
        """True when the server pushes something within `seconds`; for a channel that has subscribed."""
        self._turn = self._breaker.turn
        try:
            if not self._connection.can_read(timeout=max(seconds, 0)):
                return False
            self._connection.read_response()
        except FAILURES as error:
            raise self._failed(error) from error
        return True

    def interrupt(self) -> None:
        """Makes a blocked owner's call fail now. The one method that another thread may call."""
        sock: socket.socket | None = self._connection._sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    def abandon(self) -> None:
        """Ends a call that was interrupted: an answer may be on its way that belongs to nobody else."""
        self._connection.disconnect()
        self._breaker.ended(self._turn)

    def close(self) -> None:
        """Drops the connection; the next call makes a new one."""
        self._connection.disconnect()

    def _evaluate(self, calls: Sequence[Call], replies: list[Any]) -> bool:
        """Put in the replies of those scripts that the server did not know, by their sources; whether there were any.

        Raises the first refusal.
        """
        unknown = False
        for index, reply in enumerate(replies):
            if isinstance(reply, redis.exceptions.NoScriptError):
                replies[index], unknown = self._evaluated(*calls[index]), True
            elif isinstance(reply, Exception):
                raise self._failed(reply, f"the script {calls[index][0]}") from reply
        return unknown

    def _evaluated(self, name: str, keys: Sequence[Arg], args: Sequence[Arg]) -> Any:
        """The reply to a script by its source. It is part of a call that has begun."""
        packed = packed_command(("EVAL", load(name).source, len(keys), *keys, *args))
        try:
            self._send(packed)
            reply = self._connection.read_response()
        except FAILURES as error:
            raise self._failed(error, f"the script {name}") from error
        self._breaker.succeeded(self._turn)
        return reply

    def _replies(
        self, packed: Sequence[bytes], doing: str = "", seconds: float | None = None, late: int = 0,
        meanwhile: Meanwhile[Any] | None = None,
    ) -> list[Any]:  # fmt: skip
        """The replies to commands sent in one go, refusals among them; `seconds`: for which that at `late` may be."""
        self._turn = demand(self._breaker)
        replies: list[Any] = []
        try:
            self._send(b"".join(packed))  # all in one go: the client library would send each by itself
            if meanwhile is not None and not self._breaker.troubled:
                meanwhile()
            for index in range(len(packed)):
                if seconds is not None and index == late and not self._connection.can_read(timeout=seconds):
                    raise redis.TimeoutError("no answer to a blocking command")
                replies.append(self._read_one())
        except FAILURES as error:
            raise self._failed(error, doing) from error
        return replies

    def _send(self, packed: bytes) -> None:
        connection = self._connection
        if connection._sock is None:
            connection.connect()  # here its place is looked for; what sends would connect without
        connection.send_packed_command((packed,))

    def _read_one(self) -> Any:
        try:
            return self._connection.read_response()
        except redis.ResponseError as error:
            return error

    def _failed(self, error: Exception, doing: str = "") -> StoreError:
        failure = classify(error, doing)
        if isinstance(error, redis.exceptions.MovedError):
            if isinstance(self._connection, Placed):
                self._connection.redirected(error.host, error.port)
            else:  # nobody looks where
                failure = classify(redis.exceptions.ClusterCrossSlotError(str(failure)))
        if not isinstance(error, redis.ResponseError) or leads_elsewhere(failure):
            self._connection.disconnect()
        effect = effect_of(failure)
        if effect is not Effect.NONE:
            self._breaker.failed(f"{failure.kind}: {failure}", at_once=effect is Effect.OPENS, turn=self._turn)
        elif isinstance(error, redis.ResponseError):
            self._breaker.succeeded(self._turn)  # it was answered
        else:
            self._breaker.ended(self._turn)
        return failure
