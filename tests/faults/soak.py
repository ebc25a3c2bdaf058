"""Does memory stay flat? `python -m tests.faults.soak --minutes 10`: an installation of real processes at steady work.

Jobs come by POST: quick ones, asynchronous ones, ones that report and measure, that fail and die, that are put off.
A page and the API are read all the while. It prints what each kind of process holds (PSS) after a third of the time, in
which caches fill, and at the end.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException
from statistics import median
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django
import psutil

import tests.settings  # noqa: F401 - the environment of the processes has to be ready first
from tests.faults.installation import Installation, installation

CLIENTS: Final = 8
SAMPLE_SECONDS: Final = 2.0
LOOK_SECONDS: Final = 1.0
MOST_GROWTH: Final = 0.05  # of what a process holds, from the first third to the end, and a megabyte
JOBS: Final[tuple[Mapping[str, Any], ...]] = (
    {"type": "noop", "payload": {"n": 1}},
    {"type": "noop-async", "payload": {"n": 1}},
    {"type": "echo", "payload": {"text": "x" * 2000}},
    {"type": "reports", "payload": {"steps": 3}, "options": {"tags": ["soak"]}},
    {"type": "measures", "payload": {"values": [1, 2]}},
    {"type": "raises", "payload": "ValueError", "options": {"maxRetries": 1, "backoff": {"base": 500}}},
    {"type": "raises", "payload": "Snooze"},
    {"type": "noop", "payload": None, "options": {"delay": 3000, "priority": "low"}},
)
PAGES: Final = ("/api/jobs", "/api/queues", "/api/dlq", "/api/workers", "/health", "/api/metrics")


class Stream:
    """POSTs jobs at a rate, in turns of every kind, and reads meanwhile."""

    def __init__(self, port: int, key: str, rate: float) -> None:
        self.answers: dict[int, int] = {}
        self._port = port
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._gap = CLIENTS / rate
        self._bodies = itertools.cycle([json.dumps(each).encode() for each in JOBS])
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._post, args=(n / rate,), daemon=True) for n in range(CLIENTS)]
        self._threads.append(threading.Thread(target=self._read, daemon=True))

    def __enter__(self) -> Stream:
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
            self._ask(connection, "POST", "/api/jobs", next(self._bodies))
        connection.close()

    def _read(self) -> None:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=10)
        for path in itertools.cycle(PAGES):
            if self._ended.wait(LOOK_SECONDS):
                break
            self._ask(connection, "GET", path)
        connection.close()

    def _ask(self, connection: HTTPConnection, method: str, path: str, body: bytes | None = None) -> None:
        try:
            connection.request(method, path, body, self._headers)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, HTTPException):
            connection.close()
            status = 0
        self.answers[status] = self.answers.get(status, 0) + 1


def families(ground: Installation) -> dict[str, list[psutil.Process]]:
    """The processes of an installation by what they are."""
    below, workers = ground.pool.descendants(), {seen.info.pid for seen in ground.stage.store.registry.workers()}
    return {
        "web": [psutil.Process(ground.web.process.pid)],
        "supervisor": [psutil.Process(ground.pool.pid)],
        "maintenance": [each for each in below if each.pid not in workers],
        "two workers": [each for each in below if each.pid in workers],
        "server": [psutil.Process(ground.server.pid)],
    }


def held(processes: list[psutil.Process]) -> float:
    """MiB (PSS)."""
    return float(sum(process.memory_full_info().pss for process in processes) / 2**20)


def soak(minutes: float, rate: float) -> Iterator[tuple[str, float, float]]:
    """What each kind of process held in the second and in the last tenth of the time, in MiB."""
    with installation(RETENTION_MAX="5000", DLQ_MAX="2000") as ground:
        found = families(ground)
        held_by: dict[str, list[float]] = {name: [] for name in found}
        with Stream(ground.web.port, ground.key, rate) as stream:
            until = time.monotonic() + minutes * 60
            while time.monotonic() < until:
                stream.lasts(SAMPLE_SECONDS)
                for name, processes in found.items():
                    held_by[name].append(held(processes))
        totals = ground.stage.store.reader.totals()
        sys.stdout.write(f"answers {stream.answers}; jobs {totals}\n")
        for name, values in held_by.items():
            third, tenth = len(values) // 3, max(1, len(values) // 10)
            yield name, median(values[third : third + tenth]), median(values[-tenth:])


def main() -> int:
    """The command. 0 where memory is flat."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0, help="for which it works (%(default)s)")
    parser.add_argument("--rate", type=float, default=100.0, help="POSTs a second (%(default)s)")
    told = parser.parse_args()
    grown, rows = 0, list(soak(told.minutes, told.rate))
    sys.stdout.write("| Processes | MiB after a third of the time | MiB at the end |\n|---|---:|---:|\n")
    for name, before, after in rows:
        sys.stdout.write(f"| {name} | {before:.1f} | {after:.1f} |\n")
        grown += after > before * (1 + MOST_GROWTH) + 1
    return int(grown > 0)


if __name__ == "__main__":
    django.setup()
    sys.exit(main())
