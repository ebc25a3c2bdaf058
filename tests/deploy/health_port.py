"""The port that pools, scalers and schedulers answer on, in this process."""

from __future__ import annotations

import selectors
import socket

from jobs.worker.health import Health


def asked(path: str, headers: str = "", metrics: bytes = b"") -> str:
    """What it answers to a GET, whole. `headers` end with a line break each; `metrics` is what there is to tell."""
    selector = selectors.DefaultSelector()
    health = Health(0, selector, lambda: (True, {}), lambda: metrics)
    answer = b""
    with socket.create_connection(("127.0.0.1", health.port)) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: 10.0.0.1\r\n{headers}\r\n".encode())
        client.settimeout(0.01)
        while (part := _received(client)) != b"":
            answer += part or b""
            for key, _ in selector.select(0.01):
                key.data()
    health.close()
    return answer.decode()


def _received(client: socket.socket) -> bytes | None:
    """What has come; None for nothing yet, empty at the end."""
    try:
        return client.recv(4096)
    except TimeoutError:
        return None
