"""A server that takes requests by the spoonful."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self


class SlowReader:
    """Takes one TLS connection and reads so little of a request that it would take minutes."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            near, _ = self._listener.accept()
            near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            with self._context.wrap_socket(near, server_side=True) as sealed:
                while sealed.recv(65536):
                    time.sleep(0.2)
