"""Answers probes and /metrics/process from the supervisor's own select loop: no thread, no framework."""

from __future__ import annotations

import json
import selectors
import socket
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, Final

from jobs.errors import ConfigError

from .pool_metrics import MEDIA

MOST_CLIENTS: Final = 32
MOST_BYTES: Final = 4096
JSON: Final = "application/json"
ANSWER_BYTES: Final = 1 << 18  # room for a whole answer, the metrics of hundreds of workers: it is sent in one piece
PATIENCE: Final = 5.0  # seconds for a request to arrive
_REASONS: Final = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}


def add_health_port(parser: ArgumentParser) -> None:
    """Where a process can be asked how it is."""
    parser.add_argument("--health-port", type=int, help="serve /health and /metrics/process on this port")


class _Client:
    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.received = b""
        self.until = monotonic() + PATIENCE


class Health:
    """Listens on a port of all addresses. `ready` says whether the process can work, and what to show of it; `metrics`
    writes its metrics; `alive` says whether it works at all, for what starts it anew: by itself, that it answers.

    Raises ConfigError when the port cannot be used.
    """

    def __init__(
        self,
        port: int,
        selector: selectors.BaseSelector,
        ready: Callable[[], tuple[bool, dict[str, Any]]],
        metrics: Callable[[], bytes],
        alive: Callable[[], bool] = lambda: True,
    ) -> None:
        try:
            self._listener = socket.create_server(("", port), backlog=MOST_CLIENTS)
        except OSError as error:
            raise ConfigError(f"--health-port {port} cannot be used: {error.strerror}") from error
        self._listener.setblocking(False)
        self._selector = selector
        self._ready = ready
        self._metrics = metrics
        self._alive = alive
        self._clients: set[_Client] = set()
        selector.register(self._listener, selectors.EVENT_READ, self._accept)

    @property
    def port(self) -> int:
        """The port it listens on."""
        port: int = self._listener.getsockname()[1]
        return port

    def tidy(self) -> None:
        """Hang up on those who say nothing."""
        for client in [client for client in self._clients if monotonic() > client.until]:
            self._drop(client)

    def close(self) -> None:
        """Close everything; also for a forked child, which must not touch the selector."""
        self._listener.close()
        for client in self._clients:
            client.connection.close()

    def _accept(self) -> None:
        with suppress(OSError):
            connection, _ = self._listener.accept()
            if len(self._clients) >= MOST_CLIENTS:
                connection.close()
                return
            connection.setblocking(False)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ANSWER_BYTES)
            client = _Client(connection)
            self._clients.add(client)
            self._selector.register(connection, selectors.EVENT_READ, lambda: self._read(client))

    def _read(self, client: _Client) -> None:
        try:
            part = client.connection.recv(MOST_BYTES)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        client.received += part
        if part and b"\r\n\r\n" not in client.received and len(client.received) < MOST_BYTES:
            return
        with suppress(OSError):
            client.connection.send(self._answer(client.received))
        self._drop(client)

    def _answer(self, request: bytes) -> bytes:
        method, _, rest = request.partition(b" ")
        path = rest.partition(b" ")[0].partition(b"?")[0]
        code, content, media = self._content(path.decode("latin-1"))
        if method not in {b"GET", b"HEAD"}:
            code, content, media = 405, _refusal(405), JSON
        head = (
            f"HTTP/1.1 {code} {_REASONS[code]}\r\nContent-Type: {media}\r\nContent-Length: {len(content)}\r\n"
            "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + (b"" if method == b"HEAD" else content)

    def _content(self, path: str) -> tuple[int, bytes, str]:
        """Status, body and media type."""
        if path == "/health/live":
            return _state(self._alive(), {})
        if path == "/health/ready":
            return _state(*self._ready())
        if path == "/metrics/process":
            return 200, self._metrics(), MEDIA
        return 404, _refusal(404), JSON

    def _drop(self, client: _Client) -> None:
        self._clients.discard(client)
        with suppress(KeyError, ValueError):
            self._selector.unregister(client.connection)
        client.connection.close()


def _state(fine: bool, details: dict[str, Any]) -> tuple[int, bytes, str]:
    body = {"status": "healthy" if fine else "unhealthy", **details}
    return 200 if fine else 503, json.dumps(body).encode(), JSON


def _refusal(code: int) -> bytes:
    return json.dumps({"status": code, "title": _REASONS[code]}).encode()
