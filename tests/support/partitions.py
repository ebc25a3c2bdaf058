"""An installation over several partitions beside one without, both with the same jobs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from jobs.conf import Config
from jobs.partitioning import Partitions, partition_of_id
from jobs.store.store import Store
from jobs.types import Failure, Priority
from tests.support.jobs import StoreKit, completed, failed

OWN: Final = "work"  # the queue in which jobs are claimed one by one
ERRORS: Final = tuple(Failure("ValueError", f"error {letter}", "Traceback", letter * 16) for letter in "abc")
Line = tuple[str, str, dict[str, object]]  # what becomes of a job, its id, its options


class Installation:
    """A store and a kit for each of its partitions."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.kits = [StoreKit("", store.config, part) for part in store.parts]

    def kit(self, job_id: str) -> StoreKit:
        """The kit of the partition of a job."""
        return self.kits[partition_of_id(job_id, len(self.kits))]

    def play(self, line: Line) -> None:
        """Make a job and let happen to it what the line says."""
        fate, job_id, options = line
        kit = self.kit(job_id)
        if fate in ("pending", "later"):
            kit.enqueue(job_id, **options)
            return
        claim = kit.claimed(kit.worker("the-worker"), job_id=job_id, queue=OWN, **options)
        ends = kit.worker("the-worker")
        if fate == "completed":
            ends.complete([completed(claim, duration_ms=int(job_id[-2:], 16))])
        elif fate == "dead":
            ends.fail([failed(claim, ERRORS[int(job_id[-2:], 16) % 3], final=True)])
        elif fate == "retrying":
            ends.fail([failed(claim, delay_ms=50_000)])

    def play_all(self, lines: list[Line]) -> None:
        """Play a whole story."""
        for line in lines:
            self.play(line)

    def close(self) -> None:
        """Drop all connections."""
        for kit in self.kits:
            kit.close()
        self.store.close()


def said_id(partition: int, number: int) -> str:
    """An id as we make them, of a job in a partition."""
    return f"{partition:02x}{number:020x}"


def story(partitions: int, rounds: int = 4) -> list[Line]:
    """Jobs of all states in all partitions, and some with ids of clients."""
    lines: list[Line] = []
    fates = ("pending", "later", "completed", "dead", "active", "retrying", "pending")
    for number in range(rounds * partitions * len(fates)):
        fate = fates[number // partitions % len(fates)]
        job_id = said_id(number % partitions, number) if number % 5 else f"order-{number:04x}"
        options: dict[str, object] = {"type": f"type-{number % 4}", "payload": b'{"name":"customer %d"}' % number}
        if fate in ("pending", "later"):
            options["queue"] = ("default", "mail", "reports")[number % 3]
            options["priority"] = tuple(Priority)[number % 3]
        if fate == "later":
            options["delay_ms"] = 20_000 + 1000 * number
        lines.append((fate, job_id, options))
    return lines


@contextmanager
def installation(config: Config, count: int, *urls: str) -> Iterator[Installation]:
    """One over so many partitions of one server, or over as many servers as there are addresses."""
    spread = Partitions(len(urls), urls) if len(urls) > 1 else Partitions(count)
    made = Installation(Store.open(replace(config, redis_url=urls[0], partitions=spread)))
    try:
        yield made
    finally:
        made.close()
