"""A steady stream of every kind of job by REST, with a reader beside it."""

from __future__ import annotations

import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from tests.faults.rest import Caller, Clients

CLIENTS: Final = 4
BATCH: Final = 100
LOOK_SECONDS: Final = 1.0
REPEAT_SECONDS: Final = 0.05
MOST_LATE: Final = 5.0
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
JOBS: Final = (*SEED, *(QUICK for _ in range(BATCH - len(SEED))))
PAGES: Final = ("/api/jobs", "/api/queues", "/api/dlq", "/api/workers", "/health", "/api/metrics")


class Mixture(Clients):
    """POSTs `rate` jobs a second, a hundred at a time, each under an id of its own; a context.

    A request that fails is repeated until each of its jobs is accepted: then `accept` is called with their ids. Clients
    begin with one of `ports` in turn. `answers` counts by status; 0 is none.
    """

    def __init__(self, ports: Sequence[int], key: str, rate: float, accept: Callable[[Sequence[str]], None]) -> None:
        super().__init__(ports[0], key)
        self.answers: Counter[int] = Counter()
        self._accept = accept
        self._lock = threading.Lock()
        self._pages = itertools.cycle(PAGES)
        for number in range(CLIENTS):
            first = number % len(ports)
            work = partial(self._post, map(f"soak-{number}-{{}}".format, itertools.count()))
            turned = (*ports[first:], *ports[:first])
            self.add(work, number * BATCH / rate, CLIENTS * BATCH / rate, most_late=MOST_LATE, ports=turned)
        self.add(self._look, LOOK_SECONDS, LOOK_SECONDS, most_late=0.0)

    def _post(self, batches: Iterator[str], caller: Caller) -> None:
        batch = next(batches)
        ids = [f"{batch}-{number}" for number in range(BATCH)]
        jobs = [{**job, "jobId": job_id} for job, job_id in zip(JOBS, ids, strict=True)]
        body = json.dumps({"jobs": jobs}).encode()
        while True:
            status, said = caller.ask("POST", "/api/jobs/bulk", body)
            self._count(status)
            if status in (201, 202) and not json.loads(said)["refused"]:
                return self._accept(ids)
            self.lasts(REPEAT_SECONDS)

    def _look(self, caller: Caller) -> None:
        status, _ = caller.ask("GET", next(self._pages))
        self._count(status)

    def _count(self, status: int) -> None:
        with self._lock:
            self.answers[status] += 1
