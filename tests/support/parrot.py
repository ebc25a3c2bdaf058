"""What stands where a server should be, and says one and the same thing to whatever it is asked."""

from __future__ import annotations

import socketserver
import threading
from types import TracebackType
from typing import Any, Self


class Parrot:
    """Says `says` each time that something comes, or, of a handshake, what a server says; in threads of its own.

    A handshake is what the client library sends by itself: CLIENT SETINFO, HELLO. It is answered with `greets`.
    """

    def __init__(self, says: bytes, greets: bytes = b"+OK\r\n") -> None:
        self.says = says
        self.greets = greets
        parrot = self

        class Talk(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                while heard := self.request.recv(1 << 20):
                    self.request.sendall(parrot._answer(heard))

        self._server: Any = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Where it is, as redis-py reads it."""
        return f"redis://127.0.0.1:{self._server.server_address[1]}/0"

    def _answer(self, heard: bytes) -> bytes:
        greetings = heard.count(b"SETINFO")
        return self.greets * greetings or self.says * max(1, heard.count(b"EVALSHA"))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
