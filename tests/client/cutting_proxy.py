"""A TCP proxy that loses replies on demand, where the request arrives and the answer does not, or is a slow line."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class CuttingProxy:
    """Relays connections to a service. `cuts` replies are swallowed, each with its connection.

    What comes is passed on after `delay` (s), each way.
    """

    def __init__(self, target: str, *, tls: ssl.SSLContext | None = None) -> None:
        """`tls`: what clients have to speak with the proxy."""
        parts = urlsplit(target)
        self._target = (str(parts.hostname), int(parts.port or 80))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.cuts = 0
        self.delay = 0.0
        self.was_cut = 0
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._closed = threading.Event()
        self._tls = tls

    def drop_all(self) -> None:
        """Close every connection there is, as a service does with idle ones."""
        for each in list(self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop_all()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            if self._tls is not None:
                try:
                    near = self._tls.wrap_socket(near, server_side=True)
                except OSError:
                    continue
            far = socket.create_connection(self._target)
            self._open |= {near, far}
            threading.Thread(target=self._relay, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._relay, args=(far, near, True), daemon=True).start()

    def _relay(self, source: socket.socket, sink: socket.socket, replies: bool) -> None:
        with suppress(OSError):
            while content := source.recv(65536):
                if replies and self.cuts > 0:
                    self.cuts -= 1
                    self.was_cut += 1
                    break
                if self.delay and self._closed.wait(self.delay):
                    break
                sink.sendall(content)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        if replies:
            self._open -= {source, sink}
            source.close()
            sink.close()
