"""Clients that enqueue through a Service: by any web pod that is in it, with a new connection for each job."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

PACE: Final = 0.05  # seconds between two jobs of a client
TAKES: Final = (0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 2.0)  # seconds of a job, one of them by chance
CLIENTS: Final = 2


class Load:
    """Runs in the block. `accepted` are ids, `refused` counts what else was answered, or not."""

    def __init__(self, ports: Callable[[], list[int]], key: str, host: str) -> None:
        self._ports, self._key, self._host = ports, key, host
        self._over = threading.Event()
        self.accepted: list[str] = []
        self.refused: Counter[str] = Counter()
        self.longest = 0.0
        self._threads = [threading.Thread(target=self._run) for _ in range(CLIENTS)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._over.wait(PACE):
            self.enqueue({"type": "pack", "payload": {"seconds": random.choice(TAKES)}})

    def enqueue(self, job: dict[str, Any]) -> str:
        """The id of a job that was taken in, or "" for one that was not."""
        began, status, said = time.monotonic(), 0, b""
        try:
            status, said = self.ask("POST", "/api/jobs", json.dumps(job).encode())
        except (OSError, http.client.HTTPException) as error:
            self.refused[type(error).__name__] += 1
        self.longest = max(self.longest, time.monotonic() - began)
        if status == 201:
            self.accepted.append(json.loads(said)["jobId"])
            return self.accepted[-1]
        if status:
            self.refused[str(status)] += 1
        return ""

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Ask one of the web pods. Raises OSError or HTTPException."""
        connection = http.client.HTTPConnection("127.0.0.1", random.choice(self._ports()), timeout=10)
        try:
            headers = {"Host": self._host, "Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
