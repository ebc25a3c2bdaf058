"""A server that answers whatever the test wants, byte by byte, for as long as it wants."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from io import BufferedReader
from types import TracebackType
from typing import Any, Self

Answer = Callable[[], Iterable[bytes]]


def document(value: Any, status: int = 200) -> Answer:
    """An answer in good order with any JSON in it."""
    return raw(json.dumps(value).encode(), status)


def raw(content: bytes, status: int = 200) -> Answer:
    """An answer in good order with any content in it."""
    return lambda: [b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(content)), content]


class HostilePeer:
    """Reads one request after the other and sends an answer's pieces, until the client has had enough.

    An answer that raises OSError closes the connection.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests = 0
        self.sent = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in (self._listener, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection.makefile("rb") as lines:
            while _read_request(lines):
                self.requests += 1
                for piece in self._answer():
                    connection.sendall(piece)
                    self.sent += len(piece)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _read_request(lines: BufferedReader) -> bool:
    """Whether there was one."""
    first = lines.readline()
    length = 0
    while line := lines.readline().strip().lower():
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    lines.read(length)
    return bool(first)
