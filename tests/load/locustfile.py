"""What Locust runs. Each user makes one request a second, so that there are as many users as requests a second."""

from __future__ import annotations

import os
import random
import time
from typing import Any

import gevent
from locust import FastHttpUser, LoadTestShape, events, task

from tests.load.plan import BULK, ENQUEUE, LIST, PLANS, current, faster
from tests.load.report import Sample, lines, missed

PLAN = os.environ["QUEUEFLOW_LOAD_PLAN"]
PHASES = faster(PLANS[PLAN], float(os.environ["QUEUEFLOW_LOAD_FASTER"]))
HEADERS = {"Authorization": f"Bearer {os.environ['QUEUEFLOW_LOAD_KEY']}"}
PAYLOAD = {"event": "load-test", "orderId": "load", "revenue": 0}  # counted once, however often it is sent
JOB: dict[str, Any] = {"type": "update-analytics", "payload": PAYLOAD}
SPREAD_MS = 30_000
LONGEST_ERROR = 300

samples: dict[tuple[int, str], Sample] = {}
place = -1


class Submitter(FastHttpUser):
    """Somebody who enqueues a job a second; in the hard plan every tenth time something else."""

    connection_timeout = network_timeout = 10.0

    def on_start(self) -> None:
        """Begin at any time of the second. Locust lets users in by the dozen, and its own pacing keeps them in step."""
        self._begun, self._seconds = time.perf_counter(), 0
        gevent.sleep(random.random())

    def wait_time(self) -> float:
        """Seconds until the next request, at any time of the next second, as strangers would arrive."""
        self._seconds += 1
        return max(0.0, self._begun + self._seconds + random.random() - time.perf_counter())

    @task
    def submit(self) -> None:
        """One request."""
        dice = random.random() if PLAN == "hard" else 1.0
        if dice < 0.02:
            self.client.post(
                "/api/jobs/bulk", json={"jobs": [varied() for _ in range(100)]}, headers=HEADERS, name=BULK
            )
        elif dice < 0.1:
            self.client.get("/api/jobs?limit=20&status=completed", headers=HEADERS, name=LIST)
        else:
            body = varied() if PLAN == "hard" else JOB
            self.client.post("/api/jobs", json=body, headers=HEADERS, name=ENQUEUE)


class Phases(LoadTestShape):
    """Brings in and sends away users as the plan says."""

    def tick(self) -> tuple[int, float] | None:
        """How many users there are now, and how many come in a second; None at the end."""
        global place  # noqa: PLW0603 - the listener below gets nothing of ours
        now = current(PHASES, self.get_run_time())
        if now is None:
            return None
        if now != place:
            place = now
            print(f"{PHASES[now].name}: {PHASES[now].rate} a second for {PHASES[now].seconds} s", flush=True)
        return PHASES[now].rate, PHASES[now].rate


def varied() -> dict[str, Any]:
    """A job of any priority, a third of them delayed by up to half a minute."""
    options = {"priority": random.choice(("high", "normal", "low"))}
    delay = random.randrange(SPREAD_MS) if random.random() < 1 / 3 else 0
    return {**JOB, "options": {**options, **({"delay": delay} if delay else {})}}


@events.request.add_listener
def note(name: str, response_time: float, exception: Exception | None, response: Any = None, **_: object) -> None:
    """Keep how a request went, beside what Locust keeps rounded."""
    sample = samples.setdefault((place, name), Sample())
    sample.times.append(response_time)
    if exception is not None:
        said = (getattr(response, "text", None) or "")[:LONGEST_ERROR]
        sample.errors.append(f"{exception!r} {said}".strip())


@events.quitting.add_listener
def judge(environment: Any, **_: object) -> None:
    """Print the report; the exit code is 1 where a limit was missed."""
    print("\n".join(lines(PHASES, samples)), flush=True)
    faults = list(missed(PHASES, samples))
    print("\n".join(faults) if faults else "Every limit was kept.", flush=True)
    environment.process_exit_code = 1 if faults else 0
