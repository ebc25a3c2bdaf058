"""Clients of a web process that go on while it, or what is behind it, fails."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.client import HTTPConnection, HTTPException
from typing import Self


class Caller:
    """Asks with a key over one connection, which is made anew after a failure; a context. For one thread.

    Of several ports the first is asked, and the next where that fails.
    """

    def __init__(self, port: int | Sequence[int], key: str, seconds: float = 10.0) -> None:
        ports = [port] if isinstance(port, int) else port
        self._connections = [HTTPConnection("127.0.0.1", each, timeout=seconds) for each in ports]
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._connections:
            connection.close()

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """The answer's status and body; 0 and why where there is none."""
        failure = b""
        for connection in self._connections:
            try:
                connection.request(method, path, body, self._headers)
                answer = connection.getresponse()
                return answer.status, answer.read()
            except (OSError, HTTPException) as error:
                connection.close()
                failure = repr(error).encode()
        return 0, failure


class Clients:
    """Threads with a caller each, which work from the beginning of a context to its end."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._key = key
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, when each client has its answer."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def lasts(self, seconds: float) -> None:
        """Return when it has gone on for so long."""
        self._ended.wait(seconds)

    def add(
        self,
        work: Callable[[Caller], None],
        offset: float,
        gap: float,
        most_late: float = math.inf,
        ports: Sequence[int] = (),
    ) -> None:
        """Let one more do `work` every `gap` seconds, see `_paced`, by the usual port or others. Before it begins."""

        def run() -> None:
            with Caller(ports or self._port, self._key) as caller:
                for _ in self._paced(offset, gap, most_late):
                    work(caller)

        self._threads.append(threading.Thread(target=run, daemon=True))

    def _paced(self, offset: float, gap: float, most_late: float) -> Iterator[None]:
        """From `offset` seconds on, once every `gap` seconds until the end. Who is late hurries, but makes up for no
        more than `most_late` seconds."""
        due = time.monotonic() + offset
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            due = max(due + gap, time.monotonic() - most_late)
            yield
