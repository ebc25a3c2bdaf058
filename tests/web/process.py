"""Web processes of a test's own, and clients that speak to their sockets byte by byte."""

from __future__ import annotations

import base64
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.support.polling import wait_until

ROOT = Path(__file__).resolve().parents[2]


class WebProcess:
    """A process that serves; `lines` are those it has printed."""

    def __init__(self, *command: str, env: Mapping[str, str] | None = None) -> None:
        self.lines: list[str] = []
        self.port = 0
        self.process = subprocess.Popen(
            [sys.executable, "-u", *command],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def await_line(self, text: str, seconds: float = 20.0) -> str:
        """The first line that contains a text."""
        return wait_until(lambda: next((line for line in list(self.lines) if text in line), ""), seconds)

    def connect(self, seconds: float = 20.0) -> Connection:
        """A new connection."""
        return Connection(socket.create_connection(("127.0.0.1", self.port), seconds))

    def get(self, path: str) -> Answer:
        """The answer on a connection of its own."""
        with self.connect() as connection:
            connection.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return connection.answer()

    def refuses(self) -> bool:
        """True when nobody listens at the address."""
        try:
            self.connect(2).close()
        except OSError:
            return True
        return False

    def signal(self, number: signal.Signals = signal.SIGTERM) -> bool:
        """Send a signal; False, as nothing is known of its effect."""
        self.process.send_signal(number)
        return False

    @property
    def is_over(self) -> bool:
        """True when the process has ended."""
        return self.process.poll() is not None

    def exit_code(self, seconds: float = 20.0) -> int:
        """Wait for the end."""
        code = self.process.wait(seconds)
        self._reader.join(5)
        return code

    @property
    def memory(self) -> int:
        """Resident bytes."""
        return int(psutil.Process(self.process.pid).memory_info().rss)

    @property
    def spooled(self) -> int:
        """Bytes on disk in files that have no name, as temporary ones; Linux."""
        total = 0
        for entry in Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                if "(deleted)" in str(entry.readlink()):
                    total += entry.stat().st_blocks * 512
            except OSError:
                continue
        return total

    def close(self) -> None:
        """Leave nothing behind."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self._reader.join(5)


@contextmanager
def serving(*given: str, env: Mapping[str, str] | None = None) -> Iterator[WebProcess]:
    """The small application of this package with the given bounds (`name=value`), ready to answer."""
    web = WebProcess("-m", "tests.web.application", *given, env=env)
    try:
        web.port = wait_until(lambda: int(web.lines[0]) if web.lines else 0, 20)
        yield web
    finally:
        web.close()


class Answer:
    """One HTTP answer."""

    def __init__(self, head: bytes, body: bytes) -> None:
        first, *rest = head.decode("latin-1").split("\r\n")
        _, code, self.words = first.split(" ", 2)
        self.status = int(code)
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        self.body = body


def frame_of(opcode: int, payload: bytes) -> bytes:
    """A masked frame with a mask of zeros."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2, "big")
    return bytes([0x80 | opcode]) + length + bytes(4) + payload


class Connection:
    """A client's side of a connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self._buffer = b""

    def send(self, data: str | bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def read(self) -> bytes:
        """What has come, at least a byte; b"" when the server has closed, or reset, the connection."""
        try:
            return self.socket.recv(65_536)
        except ConnectionResetError:
            return b""

    def read_to_end(self) -> bytes:
        """Everything until the server closes."""
        parts = [self._buffer]
        while part := self.read():
            parts.append(part)
        self._buffer = b""
        return b"".join(parts)

    def arrived(self) -> bytes:
        """What has been read beyond the last answer."""
        arrived, self._buffer = self._buffer, b""
        return arrived

    def take(self, size: int) -> bytes:
        """Exactly as many bytes."""
        while len(self._buffer) < size:
            part = self.read()
            assert part, f"closed after {self._buffer!r}"
            self._buffer += part
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def head(self) -> bytes:
        """Bytes up to an empty line."""
        while b"\r\n\r\n" not in self._buffer:
            part = self.read()
            assert part, f"closed after {self._buffer!r}"
            self._buffer += part
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        return head

    def answer(self) -> Answer:
        """The next answer; it must have a Content-Length."""
        answer = Answer(self.head(), b"")
        answer.body = self.take(int(answer.headers["content-length"]))
        return answer

    def get(self, path: str, *headers: str) -> Answer:
        """Ask and read the answer; the connection stays."""
        self.send("\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", ""]))
        return self.answer()

    def upgrade(self, path: str = "/ws", *headers: str) -> None:
        """Become a WebSocket."""
        key = base64.b64encode(os.urandom(16)).decode()
        wanted = ["Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
        self.send("\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *wanted, *headers, "", ""]))
        assert self.head().startswith(b"HTTP/1.1 101 ")

    def send_frame(self, opcode: int, payload: bytes) -> None:
        """Send a frame."""
        self.send(frame_of(opcode, payload))

    def frame(self) -> tuple[int, bytes]:
        """The next frame but pings: opcode and payload."""
        while True:
            first, size = self.take(2)
            if size == 126:
                size = int.from_bytes(self.take(2), "big")
            payload = self.take(size)
            if first & 0xF != 9:
                return first & 0xF, payload

    def close(self) -> None:
        """Close it."""
        self.socket.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
