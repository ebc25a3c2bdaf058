"""A load of HTTP requests over connections that are kept: each sends the next request when it has its answer."""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass, field

from benchmarks.errors import BenchmarkError

RECEIVE = 65_536
TIMEOUT_SECONDS = 10.0


def request(path: str, key: str, body: bytes) -> bytes:
    """The bytes of a POST of JSON with an API key."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass
class Outcome:
    """What a load has seen: seconds it took, and each answer's latency in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Return answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency in ms under which this share of the answers lies."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self._buffer = b""

    def send(self, message: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.socket.sendall(message)

    def is_answered(self) -> bool:
        """Read what there is; True when it completes an answer. Raises BenchmarkError for any but 201."""
        received = self.socket.recv(RECEIVE)
        if not received:
            raise BenchmarkError("the server closed a connection")
        self._buffer += received
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 201"):
            raise BenchmarkError(f"the server answered {self._buffer[:300]!r}")
        if b"chunked" in head.lower():
            whole = rest.endswith(b"0\r\n\r\n")
        else:
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            whole = len(rest) >= int(length)
        if whole:
            self._buffer = b""
        return whole


def run(port: int, message: bytes, connections: int, seconds: float) -> Outcome:
    """Send `message` over so many connections for so many seconds. Raises BenchmarkError for any answer but 201."""
    outcome = Outcome()
    with selectors.DefaultSelector() as selector:
        opened = [_Connection(port) for _ in range(connections)]
        for each in opened:
            selector.register(each.socket, selectors.EVENT_READ, each)
            each.send(message)
        started = time.perf_counter()
        while time.perf_counter() - started < seconds:
            ready = selector.select(TIMEOUT_SECONDS)
            if not ready:
                raise BenchmarkError("the server does not answer")
            for key, _ in ready:
                connection: _Connection = key.data
                if connection.is_answered():
                    outcome.latencies.append(time.perf_counter() - connection.sent_at)
                    connection.send(message)
        outcome.seconds = time.perf_counter() - started
        for each in opened:
            each.socket.close()
    return outcome
