"""Daphne that ends like a service: on SIGTERM it stops accepting, finishes what it answers, then goes."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server
from twisted.internet import defer
from twisted.internet import reactor as _reactor

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.05
reactor: Any = _reactor  # a module whose functions appear when a reactor is installed


class WebServer(Server):  # type: ignore[misc]  # Daphne has no types
    """Serves an ASGI application on one address until SIGTERM or SIGINT.

    `grace` bounds the drain in seconds; a second signal ends it at once. `on_ready(host, port)` is called when the
    address is open. `exit_code` is 1 when the address could not be opened.
    """

    def __init__(
        self,
        application: Any,
        host: str,
        port: int,
        *,
        grace: float,
        on_ready: Callable[[str, int], None] | None = None,
    ) -> None:
        super().__init__(
            application,
            endpoints=build_endpoint_description_strings(host=host, port=port),
            signal_handlers=False,
            http_timeout=120,
            server_name="QueueFlow",
            verbosity=0,
        )
        self.exit_code = 0
        self._grace = grace
        self._on_ready = on_ready
        self._ports: list[Any] = []
        self._deadline: float | None = None

    def run(self) -> None:
        """Serve until told to end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signalled)
        # Python runs signal handlers between bytecodes: a loop that sleeps in select needs a nudge now and then.
        reactor.callLater(POLL_SECONDS, self._nudge)
        super().run()

    def listen_success(self, port: Any) -> None:
        """The address is open."""
        super().listen_success(port)
        self._ports.append(port)
        if self._on_ready is not None:
            address = port.getHost()
            self._on_ready(getattr(address, "host", ""), getattr(address, "port", 0))

    def listen_error(self, failure: Any) -> None:
        """The address cannot be opened."""
        self.exit_code = 1
        super().listen_error(failure)

    def kill_all_applications(self) -> Any:
        """Cancels what still runs; the original stumbles over connections that never sent a request."""
        left = [running for entry in self.connections.values() if (running := entry.get("application_instance"))]
        left = [running for running in left if not running.done()]
        for running in left:
            running.cancel()
        gone = defer.Deferred.fromFuture(asyncio.gather(*left, return_exceptions=True))
        gone.addErrback(lambda _: None)
        return gone

    def _nudge(self) -> None:
        if self._deadline is not None:
            self._drain()
        if reactor.running:
            reactor.callLater(POLL_SECONDS if self._deadline else 0.2, self._nudge)

    def _signalled(self, number: int, frame: object) -> None:
        if self._deadline is not None:
            self._deadline = 0.0
            return
        self._deadline = time.monotonic() + self._grace
        for port in self._ports:
            port.stopListening()

    def _drain(self) -> None:
        busy = [entry for entry in self.connections.values() if self._answers(entry)]
        if busy and time.monotonic() < (self._deadline or 0.0):
            return
        if busy:
            logger.warning("the web process ends with %d requests unfinished", len(busy))
        self.stop()

    @staticmethod
    def _answers(entry: dict[str, Any]) -> bool:
        running = entry.get("application_instance")
        return running is not None and not running.done()
