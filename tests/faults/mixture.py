"""A steady stream of every kind of job by REST, with a reader beside it."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any, Final, Self

CLIENTS: Final = 4
BATCH: Final = 100
LOOK_SECONDS: Final = 1.0
SEED: Final[tuple[Mapping[str, Any], ...]] = (
    {"type": "noop-async", "payload": {"n": 1}},
    {"type": "echo", "payload": {"text": "x" * 2000}},
    {"type": "reports", "payload": {"steps": 3}, "options": {"tags": ["soak"]}},
    {"type": "measures", "payload": {"values": [1, 2]}},
    {"type": "raises", "payload": "ValueError", "options": {"maxRetries": 1, "backoff": {"base": 500}}},
    {"type": "raises", "payload": "Snooze"},
    {"type": "noop", "payload": None, "options": {"delay": 3000, "priority": "low"}},
)
QUICK: Final = {"type": "noop", "payload": {"n": 1}}
BODY: Final = json.dumps({"jobs": [*SEED, *(QUICK for _ in range(BATCH - len(SEED)))]}).encode()
PAGES: Final = ("/api/jobs", "/api/queues", "/api/dlq", "/api/workers", "/health", "/api/metrics")


class Mixture:
    """POSTs `rate` jobs a second, a hundred at a time; a context. `accepted` counts jobs, `answers` by status; 0 is
    none."""

    def __init__(self, port: int, key: str, rate: float) -> None:
        self.answers: Counter[int] = Counter()
        self.accepted = 0
        self._port = port
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._gap = CLIENTS * BATCH / rate
        self._lock = threading.Lock()
        self._ended = threading.Event()
        offsets = [n * BATCH / rate for n in range(CLIENTS)]
        self._threads = [threading.Thread(target=self._post, args=(offset,), daemon=True) for offset in offsets]
        self._threads.append(threading.Thread(target=self._read, daemon=True))

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(10)

    def lasts(self, seconds: float) -> None:
        """Return when it has gone on for so long."""
        self._ended.wait(seconds)

    def _post(self, offset: float) -> None:
        connection, due = HTTPConnection("127.0.0.1", self._port, timeout=10), time.monotonic() + offset
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            due = max(due + self._gap, time.monotonic() - 1)
            status, body = self._ask(connection, "POST", "/api/jobs/bulk", BODY)
            accepted = len(json.loads(body)["accepted"]) if status == 201 else 0
            with self._lock:
                self.accepted += accepted
        connection.close()

    def _read(self) -> None:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=10)
        for path in itertools.cycle(PAGES):
            if self._ended.wait(LOOK_SECONDS):
                break
            self._ask(connection, "GET", path)
        connection.close()

    def _ask(self, connection: HTTPConnection, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        status, said = 0, b""
        try:
            connection.request(method, path, body, self._headers)
            answer = connection.getresponse()
            said = answer.read()
            status = answer.status
        except (OSError, HTTPException):
            connection.close()
        with self._lock:
            self.answers[status] += 1
        return status, said
