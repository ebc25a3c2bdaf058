"""Daphne with bounds and an orderly end: for a service that faces clients of every kind and is deployed daily."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from daphne.http_protocol import HTTPFactory
from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet import defer
from twisted.internet import reactor as _reactor
from twisted.internet.error import CannotListenError
from twisted.logger import globalLogBeginner

from .channel import BoundedChannel
from .drain import EXTENSION
from .ending import Ending
from .heap import settle
from .limits import Limits
from .request import BoundedRequest
from .socket import BoundedSocket

logger = logging.getLogger(__name__)

CHECK_SECONDS: Final = 0.25
PIECE: Final = 64 * 1024  # bytes of an answer that are written before it is seen whether the client reads them
FAREWELL_SECONDS: Final = 0.1  # for requests that are on their way when the address closes
WAITING: Final = 512  # connections that the system may hold for us
SOCKET_MODE: Final = 0o660
GOING_AWAY: Final = 1001
reactor: Any = _reactor  # a module whose functions appear when a reactor is installed


class BoundedFactory(HTTPFactory):  # type: ignore[misc]  # Daphne has no types
    """Makes a BoundedChannel of each connection, with BoundedRequests."""

    protocol = BoundedChannel

    def __init__(self, server: WebServer) -> None:
        super().__init__(server)
        self.timeOut = None  # the channel minds its time itself

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802 - Twisted's name
        """A channel for a client."""
        channel: Any = super().buildProtocol(addr)
        channel.requestFactory = BoundedRequest
        return channel


class WebServer(Server):  # type: ignore[misc]
    """Serves an ASGI application on one address until SIGTERM or SIGINT (see `Ending`).

    `host` may be the path of a Unix socket. `grace` bounds the drain in seconds. `on_ready(host, port)` is called when
    the address is open; when it could not be opened, `failure` says why.
    """

    def __init__(
        self,
        application: Any,
        host: str,
        port: int,
        *,
        grace: float,
        limits: Limits | None = None,
        on_ready: Callable[[str, int], None] | None = None,
    ) -> None:
        self.limits = limits or Limits()
        super().__init__(
            application,
            endpoints=[f"{host}:{port}"],
            signal_handlers=False,
            request_buffer_size=PIECE,
            server_name="QueueFlow",
            websocket_max_message_size=self.limits.message_bytes,
            websocket_max_frame_size=self.limits.message_bytes,
            verbosity=0,
        )
        self.channels: set[BoundedChannel] = set()
        self.failure = ""
        self._address = (host, port)
        self._on_ready = on_ready
        self._port: Any = None
        self._idle_until = math.inf  # from then on connections between two requests are closed
        self._ending = Ending(grace, stop_taking=self._stop_taking, busy=self._busy, end=self._finish)

    @property
    def is_ending(self) -> bool:
        """True from the first signal on."""
        return self._ending.drain.begun

    def run(self) -> None:
        """Serve until told to end. Replaces Daphne's, which makes connections without bounds."""
        self.connections: dict[Any, dict[str, Any]] = {}
        self.http_factory = BoundedFactory(self)
        self.ws_factory = self._socket_factory()
        unheard: Any = lambda event: None  # noqa: E731 - what matters of Twisted's log reaches ours through Daphne
        globalLogBeginner.beginLoggingTo([unheard], redirectStandardIO=False, discardBuffer=True)
        loop = reactor._asyncioEventloop
        asyncio.set_event_loop(loop)
        if not self._listen():
            return
        reactor.callLater(1, self.application_checker)
        reactor.callLater(2, self.timeout_checker)
        reactor.callLater(CHECK_SECONDS, self._check_channels)
        reactor.addSystemEventTrigger("before", "shutdown", self.kill_all_applications)
        settle(reactor.callLater)
        self._ending.watch(loop)
        reactor.run(installSignalHandlers=False)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Start the application on a request; it is told whether the process is ending."""
        scope["extensions"] = {EXTENSION: self._ending.drain}
        return super().create_application(protocol, scope)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Send what the application says, no faster than the client reads it.

        Raises CancelledError where more would follow and nobody is left to read it: an application that never waits
        would make all of it.
        """
        if message["type"] != "http.response.body":
            await super().handle_reply(protocol, message)
            return
        for piece in _pieces(message):
            channel = getattr(protocol, "channel", None)
            await super().handle_reply(protocol, piece)
            if piece.get("more_body"):
                if channel is None or self.connections.get(protocol, {"disconnected": True}).get("disconnected"):
                    raise asyncio.CancelledError
                await channel.writable()

    def kill_all_applications(self) -> Any:
        """Cancels what still runs; the original stumbles over connections that never sent a request."""
        left = [running for running in self._applications() if not running.done()]
        for running in left:
            running.cancel()
        gone = defer.Deferred.fromFuture(asyncio.gather(*left, return_exceptions=True))
        gone.addErrback(lambda _: None)
        return gone

    def _socket_factory(self) -> Any:
        factory = WebSocketFactory(self, server=self.server_name)
        factory.protocol = BoundedSocket
        factory.setProtocolOptions(
            autoPingTimeout=self.ping_timeout,
            allowNullOrigin=True,  # the application decides about origins
            openHandshakeTimeout=self.websocket_handshake_timeout,
            closeHandshakeTimeout=self.limits.linger_seconds,
            failByDrop=False,  # who is refused learns why
            maxMessagePayloadSize=self.websocket_max_message_size,
            maxFramePayloadSize=self.websocket_max_frame_size,
        )
        return factory

    def _listen(self) -> bool:
        host, port = self._address
        try:
            if host.startswith("/"):
                self._port = reactor.listenUNIX(host, self.http_factory, WAITING, SOCKET_MODE, wantPID=True)
            else:
                self._port = reactor.listenTCP(port, self.http_factory, WAITING, host)
                port = self._port.getHost().port
        except (CannotListenError, OSError) as error:
            reason = getattr(error, "socketError", error)
            self.failure = str(getattr(reason, "strerror", None) or reason)
            return False
        if self._on_ready is not None:
            self._on_ready(host, port)
        return True

    def _check_channels(self) -> None:
        now = time.monotonic()
        for channel in list(self.channels):
            channel.check(now)
        reactor.callLater(CHECK_SECONDS, self._check_channels)

    def _stop_taking(self) -> None:
        """No new connections, no further requests on those that are open; live ones are told to go elsewhere."""
        self._port.doRead()  # who has connected already is not turned away
        self._port.stopListening()
        self._idle_until = time.monotonic() + FAREWELL_SECONDS
        for protocol, entry in list(self.connections.items()):
            if isinstance(protocol, WebSocketProtocol) and "disconnected" not in entry:
                if protocol.state == protocol.STATE_CONNECTING:
                    protocol.serverReject()
                else:
                    protocol.sendCloseFrame(GOING_AWAY, b"the server ends")  # sendClose() takes no such code

    def _busy(self) -> int:
        """How many connections and requests are left; those without a request whose head has come are closed."""
        for channel in list(self.channels):
            if channel.is_idle and time.monotonic() >= self._idle_until:
                channel.close()
        sockets = [
            protocol
            for protocol, entry in self.connections.items()
            if isinstance(protocol, WebSocketProtocol) and "disconnected" not in entry
        ]
        running = [running for running in self._applications() if not running.done()]
        return max(len(self.channels) + len(sockets), len(running))

    def _finish(self, left: int) -> None:
        if left:
            logger.warning("the web process ends with %d connections or requests unfinished", left)
        self.stop()

    def _applications(self) -> list[Any]:
        return [running for entry in self.connections.values() if (running := entry.get("application_instance"))]


def _pieces(message: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """A part of an answer in pieces small enough to see whether the client reads them."""
    body = message.get("body", b"")
    if len(body) <= PIECE:
        yield message
        return
    for start in range(0, len(body), PIECE):
        more = start + PIECE < len(body) or message.get("more_body", False)
        yield {**message, "body": body[start : start + PIECE], "more_body": more}
