"""One HTTP connection with bounds: how much may come, how long it may take, how long it may be silent.

Twisted's own time-out starts anew with every byte, so that a client that sends one every minute keeps its connection
for ever; and it answers a refusal by closing at once, which destroys the answer when the client is still sending.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.web import http
from zope.interface import implementer  # type: ignore[import-untyped]

from jobs.api.problems import Problem

from .limits import Limits
from .refusal import headers_too_large, malformed, on_the_wire, too_long, too_slow

HTTPChannel: Any = http.HTTPChannel  # Twisted's annotations are partial, and in part wrong


@implementer(IHalfCloseableProtocol)
class BoundedChannel(HTTPChannel):  # type: ignore[misc]
    """A connection of `factory.server`, which knows it as long as it carries HTTP."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = False
        self._due = math.inf  # when the present phase has taken too long, and what happens then
        self._late: Callable[[], None] = self.abort
        self._stalled = math.inf  # when the client has read nothing for too long
        self._between_requests = True
        self._in_head = False
        self._all_sent = False  # by the client
        self._body_since = 0.0
        self._body_counted = 0
        self._writers: list[asyncio.Future[None]] = []

    @property
    def limits(self) -> Limits:
        """The server's."""
        limits: Limits = self.factory.server.limits
        return limits

    @property
    def is_idle(self) -> bool:
        """True between two requests, and as long as the head of one is not complete: nobody works on anything."""
        return (self._between_requests or self._in_head) and not self.refused

    # What comes in

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's names
        """A client has connected; its first request has to come soon."""
        self.totalHeadersSize = self.MAX_LENGTH = self.limits.header_bytes
        self.maxHeaders = self.limits.header_count
        super().connectionMade()
        self.factory.server.channels.add(self)
        self._within(self.limits.header_seconds, self.close)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """Bytes of a request; after a refusal they are thrown away."""
        if self.refused:
            return
        if self._between_requests and data:
            self._between_requests, self._in_head = False, True
            self._within(self.limits.header_seconds, self._headers_late)
        super().dataReceived(data)

    def lineReceived(self, line: bytes) -> None:  # noqa: N802
        """A line of the headers."""
        if not self.refused:
            super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802
        """A line of the headers that does not end."""
        self.refuse(headers_too_large(self.limits.header_bytes, self.limits.header_count))

    def allHeadersReceived(self) -> None:  # noqa: N802
        """The headers are complete: what they announce can be refused before it comes."""
        self._in_head = False
        if self.length is not None and self.length > self.limits.body_bytes:
            self.refuse(too_long(self.limits.body_bytes))
            return
        self._body_since, self._body_counted = time.monotonic(), 0
        self._within(self.limits.body_window_seconds, self._check_body)
        super().allHeadersReceived()

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802
        """Bytes of a body, or of the next request while one is served."""
        if not self.refused:
            super().rawDataReceived(data)

    def allContentReceived(self) -> None:  # noqa: N802
        """The request is complete: the application's turn."""
        if not self.refused:
            self._within(math.inf)
            super().allContentReceived()

    def readConnectionLost(self) -> None:  # noqa: N802
        """The client sends nothing more, and may still read: the answers to what it has sent whole are its due.

        One that has gone for good looks the same until something is written to it.
        """
        self._all_sent = True
        if self.refused:
            self.transport.loseConnection()
        elif not self._handlingRequest:
            self.close()

    # What goes out

    def writeConnectionLost(self) -> None:  # noqa: N802
        """Our side is closed, after a refusal; the client's may have more to send."""

    def requestDone(self, request: Any) -> None:  # noqa: N802
        """The answer is written; another request may follow, or have come already."""
        self._between_requests = True
        self._within(self.limits.keep_alive_seconds, self.close)
        super().requestDone(request)
        if self._all_sent and not self._handlingRequest:
            self.close()

    def loseConnection(self) -> None:  # noqa: N802
        """Close when everything is sent, or when nothing can be sent for too long."""
        self._within(self.limits.keep_alive_seconds, self.abort)
        super().loseConnection()

    def pauseProducing(self) -> None:  # noqa: N802
        """The client reads more slowly than we write."""
        super().pauseProducing()
        self._stalled = min(self._stalled, time.monotonic() + self.limits.stall_seconds)

    def resumeProducing(self) -> None:  # noqa: N802
        """Everything is sent."""
        self._unstall()
        super().resumeProducing()

    async def writable(self) -> None:
        """Return when what was written is on its way, or when there is nobody left to write to."""
        if self._stalled < math.inf:
            writer = asyncio.get_running_loop().create_future()
            self._writers.append(writer)
            await writer

    # The end

    def refuse(self, problem: Problem) -> None:
        """Answer without the application. The client gets time to read it; what it sends meanwhile is thrown away."""
        if self.refused:
            return
        self.refused = True
        self.persistent = False
        self.clearLineBuffer()
        self.transport.write(on_the_wire(problem))
        self._networkProducer.unregisterProducer()
        self._networkProducer.resumeProducing()
        self.transport.loseWriteConnection()
        self._within(self.limits.linger_seconds, self.abort)

    def close(self) -> None:
        """Close, once what was written is sent."""
        self.loseConnection()

    def abort(self) -> None:
        """Close now."""
        if self.transport is not None:
            self.transport.abortConnection()

    def hand_over(self) -> None:
        """The connection carries WebSocket messages from now on."""
        self._within(math.inf)
        self.factory.server.channels.discard(self)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        """The client has gone."""
        self._within(math.inf)
        self._unstall()
        self.factory.server.channels.discard(self)
        super().connectionLost(reason)

    def _respondToBadRequestAndDisconnect(self) -> None:  # noqa: N802
        limits = self.limits
        if self._receivedHeaderSize > limits.header_bytes or self._receivedHeaderCount > limits.header_count:
            self.refuse(headers_too_large(limits.header_bytes, limits.header_count))
        else:
            self.refuse(malformed())

    # Time

    def check(self, now: float) -> None:
        """Act on what is late at this instant of the monotonic clock. The server asks several times a second."""
        if now >= self._stalled:
            self.abort()
        elif now >= self._due:
            self._due = math.inf
            self._late()

    def _within(self, seconds: float, otherwise: Callable[[], None] | None = None) -> None:
        self._due = time.monotonic() + seconds
        self._late = otherwise or self.abort

    def _headers_late(self) -> None:
        self.refuse(too_slow("headers"))

    def _check_body(self) -> None:
        came = self.requests[-1].came
        due = self._body_counted + self.limits.body_rate * self.limits.body_window_seconds
        if came < due or time.monotonic() - self._body_since > self.limits.body_seconds:
            self.refuse(too_slow("body"))
            return
        self._body_counted = came
        self._within(self.limits.body_window_seconds, self._check_body)

    def _unstall(self) -> None:
        self._stalled = math.inf
        writers, self._writers = self._writers, []
        for writer in writers:
            if not writer.done():
                writer.set_result(None)
