"""An HTTP answer that costs a bounded time and a bounded memory."""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any

HEAD_BYTES = 64 * 1024  # what may come around an answer: headers, sizes of chunks


def keep(sock: socket.socket, deadline: float) -> None:
    """Let the next step of the socket end in time. Raises TimeoutError where no time is left."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    sock.settimeout(left)


class TooLarge(http.client.HTTPException):
    """More was sent than is read."""


class Timed(io.RawIOBase):
    """What a socket receives until a deadline, and up to so many bytes."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, deadline: float, most: int) -> None:
        self._socket, self._raw, self._deadline, self._left = sock, raw, deadline, most

    def readable(self) -> bool:
        """As BufferedReader asks."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """As of any raw stream. Raises TimeoutError, TooLarge."""
        if self._left < 0:
            raise TooLarge
        keep(self._socket, self._deadline)
        count = self._raw.readinto(buffer)
        self._left -= count or 0
        return count

    def close(self) -> None:
        """Close what is underneath too."""
        self._raw.close()
        super().close()


class Response(http.client.HTTPResponse):
    """An answer that ends in time. http.client's own waits anew for every byte, and for as many as are sent."""

    def __init__(self, sock: socket.socket, *args: Any, deadline: float, most: int, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.most = most
        self.fp: Any = io.BufferedReader(Timed(sock, self.fp.detach(), deadline, most + HEAD_BYTES))

    def content(self) -> bytes | None:
        """All of it; None if that is too much. Raises IncompleteRead."""
        if self.length is not None and self.length > self.most:
            return None
        try:
            content = self.read(self.most + 1)
        except TooLarge:
            return None
        if self.length:
            raise http.client.IncompleteRead(b"", self.length)
        return content if len(content) <= self.most else None
