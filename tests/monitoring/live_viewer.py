"""A viewer of live updates: a WebSocket client that reads frames and acknowledges them, or does not."""

from __future__ import annotations

import base64
import json
import os
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, Self

from tests.web.process import Connection

Frame = dict[str, Any]
TEXT, CLOSE, PONG = 1, 8, 10


class LiveViewer:
    """A connection to /ws/live of a web process on a port. `status` is the answer to the handshake: 101 lets it in.

    `origin` and `cookie` are sent where they are given; `headers` are more lines.
    """

    def __init__(
        self, port: int, session: str = "", *, origin: str | None = "", headers: Sequence[str] = (), host: str = ""
    ) -> None:
        self.connection = Connection(socket.create_connection(("127.0.0.1", port), 10))
        self.frames: list[Frame] = []
        host = host or f"localhost:{port}"
        lines = [
            "GET /ws/live HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", "Sec-WebSocket-Version: 13", *headers,
        ]  # fmt: skip
        if origin is not None:
            lines.append(f"Origin: {origin or f'http://{host}'}")
        if session:
            lines.append(f"Cookie: sessionid={session}")
        self.connection.send("\r\n".join([*lines, "", ""]))
        self.status = int(self.connection.head().split(b" ")[1])

    def say(self, **frame: Any) -> None:
        """Send a frame."""
        self.connection.send_frame(TEXT, json.dumps(frame).encode())

    def subscribe(self, *topics: str, rate: int = 0) -> Self:
        """Ask for topics."""
        self.say(subscribe=topics, rate=rate)
        return self

    def read(self, *, ack: bool = True) -> Frame:
        """The next frame. Fails when the connection is closed instead."""
        opcode, payload = self.connection.frame()
        assert opcode == TEXT, (opcode, payload)
        assert len(payload) <= 65_536
        frame: Frame = json.loads(payload)
        self.frames.append(frame)
        if ack:
            self.say(ack=frame["seq"])
        return frame

    def until(self, topic: str, check: Callable[[Any], Any] = lambda data: True) -> Any:
        """Read until the data of a topic fits, and return it; for ten seconds at most."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            frame = self.read()
            if frame["topic"] == topic and check(frame["data"]):
                return frame["data"]
        raise AssertionError(self.frames[-3:])

    def close_code(self) -> int:
        """Read until the server closes, acknowledging what comes; the code."""
        while True:
            opcode, payload = self.connection.frame()
            if opcode == CLOSE:
                return int.from_bytes(payload[:2], "big")
            self.say(ack=json.loads(payload)["seq"])

    def closed_silently(self) -> int:
        """The same without another word."""
        while True:
            opcode, payload = self.connection.frame()
            if opcode == CLOSE:
                return int.from_bytes(payload[:2], "big")

    def close(self) -> None:
        """Go."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
