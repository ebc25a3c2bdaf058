"""A few minutes in the life of a shop: jobs through the REST interface, and what its operators do meanwhile."""

from __future__ import annotations

import itertools
import json
import math
import random
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

from examples.demo_jobs import many_jobs
from queueflow_client import Client

from .installation import Demo

Job = dict[str, Any]
SHARES: Final = {"process-order": 8, "send-notification": 6, "create-thumbnails": 1, "sync-crm": 2, "charge-card": 1}
JOBS_A_SECOND: Final = 7
WAVE_SECONDS: Final = 70
SPOILED: Final = 0.06  # of orders that are out of stock or contradict themselves
LONG: Final = (
    {"type": "train-model", "payload": {"hyperparameters": {"epochs": 100_000}, "version": "autumn"}},
    {"type": "process-video", "payload": {"videoId": "launch", "seconds": 60, "resolution": "640x480"}},
)


@contextmanager
def running(demo: Demo, seconds: float) -> Iterator[None]:
    """Send jobs, with what happens to a real installation on the way; the body runs after so many seconds of it."""
    over = threading.Event()
    problems: list[Exception] = []

    def work() -> None:
        try:
            _run(demo, seconds, over)
        except Exception as problem:
            problems.append(problem)

    sender = threading.Thread(target=work, name="traffic")
    sender.start()
    try:
        sender.join(seconds)
        if problems:
            raise SystemExit(f"the traffic broke off: {problems[0]}")
        yield
    finally:
        over.set()
        sender.join()


def _run(demo: Demo, seconds: float, over: threading.Event) -> None:
    happenings: list[tuple[float, Callable[[], object]]] = [
        (0.35, lambda: _broken_reports(demo)),
        (0.45, lambda: _post(demo, "/queues/mail/pause", {"reason": "the mail provider is down until 15:00"})),
        (0.50, lambda: demo.deploy("2026.11.2", "pictures", "images")),
        (0.60, lambda: _declined(demo)),
        (0.80, lambda: _pictures(demo)),
        (0.92, lambda: _long(demo)),
        (0.95, lambda: _retry(demo)),
    ]
    rng = random.Random(7)
    started = time.monotonic()
    with closing(Client(demo.url, demo.key)) as client:
        for second in itertools.count():
            while happenings and second >= happenings[0][0] * seconds:
                happenings.pop(0)[1]()
            client.enqueue_many(_jobs(rng, second))
            if over.wait(max(0.0, started + second + 1 - time.monotonic())):
                return


def _jobs(rng: random.Random, second: int) -> Iterator[Job]:
    """What arrives in one second: more and less of it, in waves."""
    level = 1 + 0.6 * math.sin(2 * math.pi * second / WAVE_SECONDS) + rng.uniform(-0.2, 0.2)
    decks: dict[str, list[Job]] = {}
    for job in many_jobs(str(10_000 + second)):
        is_spoiled = job["type"] == "process-order" and job["payload"]["orderId"].endswith(("-7", "-8"))
        if not is_spoiled or rng.random() < SPOILED:
            decks.setdefault(job["type"], []).append(job)
    for job_type in rng.choices(list(SHARES), list(SHARES.values()), k=round(JOBS_A_SECOND * level)):
        if decks[job_type]:
            yield decks[job_type].pop(rng.randrange(len(decks[job_type])))


def _broken_reports(demo: Demo) -> None:
    """A database that does not answer."""
    _enqueue(demo, 24, lambda n: {"type": "flaky-report", "payload": {"name": f"daily-{n}", "failures": 9}})


def _declined(demo: Demo) -> None:
    """A release that asks the bank in the wrong way."""

    def charge(number: int) -> Job:
        card = {"orderId": f"9000-{number}", "cardLastFour": f"{4000 + number}", "amount": 990 + number}
        return {"type": "charge-card", "payload": {**card, "reason": "authentication required"}}

    _enqueue(demo, 420, charge)


def _pictures(demo: Demo) -> None:
    """More pictures at once than the workers get done in some minutes."""
    _enqueue(demo, 600, lambda n: {"type": "create-thumbnails", "payload": {"imageId": f"catalogue-{n}"}})


def _long(demo: Demo) -> None:
    _enqueue(demo, len(LONG), lambda n: dict(LONG[n]))
    mail = {"to": "team@example.com", "subject": "Tomorrow", "body": "One of those that wait for their time."}
    _enqueue(demo, 30, lambda n: {"type": "send-email", "payload": mail, "delay": 3600 + 60 * n})


def _retry(demo: Demo) -> None:
    """A fix is out: what died of it is tried again, slowly."""
    wish = {"action": "retry", "filter": {"type": "charge-card"}, "ratePerSecond": 2}
    _post(demo, "/dlq/operations", {**wish, "reason": "the bank's interface is mended"})


def _enqueue(demo: Demo, count: int, make: Callable[[int], Job]) -> None:
    with closing(Client(demo.url, demo.key)) as client:
        outcome = client.enqueue_many([make(number) for number in range(count)])
    if outcome.refused:
        raise SystemExit(f"a job of the screenshots is refused: {outcome.refused[0]}")


def _post(demo: Demo, path: str, body: Job) -> None:
    headers = {"Authorization": f"Bearer {demo.key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{demo.url}/api{path}", json.dumps(body).encode(), headers, method="POST")  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        answer.read()
