"""A steady stream of every kind of job by REST, with a reader beside it."""

from __future__ import annotations

import itertools
import json
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from tests.faults.rest import Caller, Clients

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


class Mixture(Clients):
    """POSTs `rate` jobs a second, a hundred at a time; a context. `accepted` counts jobs, `answers` by status; 0 is
    none."""

    def __init__(self, port: int, key: str, rate: float) -> None:
        super().__init__(port, key)
        self.answers: Counter[int] = Counter()
        self.accepted = 0
        self._lock = threading.Lock()
        self._pages = itertools.cycle(PAGES)
        for number in range(CLIENTS):
            self.add(self._post, number * BATCH / rate, CLIENTS * BATCH / rate, most_late=1.0)
        self.add(self._look, LOOK_SECONDS, LOOK_SECONDS, most_late=0.0)

    def _post(self, caller: Caller) -> None:
        status, body = caller.ask("POST", "/api/jobs/bulk", BODY)
        accepted = len(json.loads(body)["accepted"]) if status == 201 else 0
        with self._lock:
            self.answers[status] += 1
            self.accepted += accepted

    def _look(self, caller: Caller) -> None:
        status, _ = caller.ask("GET", next(self._pages))
        with self._lock:
            self.answers[status] += 1
