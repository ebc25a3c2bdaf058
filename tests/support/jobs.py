"""A store on a real server whose time a test moves, and short ways to make jobs and outcomes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from jobs.conf import Config
from jobs.states import State
from jobs.store.consumer import Consumer
from jobs.store.limits import Limits
from jobs.store.outcomes import Completed, Discarded, Failed, Parked, Released, Snoozed
from jobs.store.store import Store
from jobs.types import Claim, Envelope, Failure, JobRecord, JobRequest, Priority

BOOM = Failure("ValueError", "boom", "Traceback: boom", "f" * 16)
DUTY = "maintenance"
_numbers = itertools.count(1)


def request(
    job_id: str = "", *, payload: bytes = b"{}", timeout_ms: int = 1000, tags: tuple[str, ...] = (), **options: Any
) -> JobRequest:
    """A request for one job with a fresh id; `options` are those of JobRequest."""
    options.setdefault("type", "echo")
    envelope = Envelope(payload, timeout_ms, None, tags)
    return JobRequest(id=job_id or f"job-{next(_numbers)}", envelope=envelope, **options)


def completed(claim: Claim, result: bytes = b"", duration_ms: int = 5) -> Completed:
    """It returned."""
    return Completed(claim, 1, duration_ms, result)


def failed(claim: Claim, failure: Failure = BOOM, *, delay_ms: int = 1000, final: bool = False) -> Failed:
    """It raised."""
    return Failed(claim, 1, 5, failure, delay_ms, final)


def released(claim: Claim, *, started: bool = False) -> Released:
    """It goes back."""
    return Released(claim, 1 if started else -1, 5 if started else 0)


def snoozed(claim: Claim, delay_ms: int = 1000) -> Snoozed:
    """Its handler asked to run later."""
    return Snoozed(claim, delay_ms, 1, 5)


def parked(claim: Claim, delay_ms: int = 1000, *, known: bool = False) -> Parked:
    """Its type is unknown to the worker."""
    return Parked(claim, delay_ms, known)


def discarded(claim: Claim, reason: str = "not needed") -> Discarded:
    """Its handler gave it up."""
    return Discarded(claim, 1, 5, reason)


class StoreKit:
    """One store, its workers and its time.

    `advance` moves the server's time for every part of the kit. Workers made by `worker` serve every queue they
    are asked to claim from; `limits` are those of the next worker.
    """

    def __init__(self, url: str, config: Config, store: Store | None = None) -> None:
        """On a store that is there, or one that is opened."""
        self.store = store or Store.open(replace(config, redis_url=url))
        self.limits: Limits = self.store.limits()
        self._workers: list[Consumer] = []
        self._channels: list[Any] = []
        self.keys = self.store.keys
        self.producer = self.store.producer
        self.operator = self.store.operator
        self.type_pauses = self.store.type_pauses
        self.keeper = self.store.keeper
        self.reader = self.store.reader
        self.client = self.store.client

    @property
    def offset_ms(self) -> int:
        """How far the kit's time is ahead of the server's."""
        return self.store.offset_ms

    def advance(self, milliseconds: int) -> None:
        """Let time pass."""
        self.store.offset_ms += milliseconds
        store = self.store
        parts: tuple[Any, ...] = (
            store.producer, store.operator, store.keeper, store.reader, store.registry, store.buckets,
            store.type_pauses, store.glance, store.scaling, *self._workers,
        )  # fmt: skip
        for part in parts:
            part.offset_ms = self.store.offset_ms

    def worker(self, name: str = "", *, limits: Limits | None = None) -> Consumer:
        """A new worker with a connection of its own."""
        number = next(_numbers)
        channel = self.client.channel()
        name, incarnation = name or f"worker-{number}", f"{number:016x}"
        worker = Consumer(channel, self.keys, name, incarnation, "c", limits or self.limits, self.offset_ms)
        self._channels.append(channel)
        self._workers.append(worker)
        return worker

    def enqueue(self, job_id: str = "", **options: Any) -> str:
        """Enqueue one job and return its id."""
        made = request(job_id, **options)
        self.producer.enqueue([made])
        return made.id

    def enqueue_many(self, count: int, **options: Any) -> list[str]:
        """Enqueue `count` jobs in batches and return their ids."""
        requests = [request(**options) for _ in range(count)]
        for start in range(0, count, 250):
            self.producer.enqueue(requests[start : start + 250])
        return [made.id for made in requests]

    def claim(self, worker: Consumer, want: int = 1, queue: str = "default") -> list[Claim]:
        """Claim from one queue."""
        return worker.claim([(queue, 1)], want)

    def claimed(self, worker: Consumer | None = None, **options: Any) -> Claim:
        """A job in a worker's hands: enqueued and claimed, alone in its queue."""
        job_id = self.enqueue(**options)
        (claim,) = self.claim(worker or self.worker(), queue=options.get("queue", "default"))
        assert claim.id == job_id
        return claim

    def envelope(self, job_id: str) -> Envelope:
        """The envelope of a job that is there."""
        [found] = self.reader.envelopes([job_id])
        assert found is not None
        return found

    def lead(self) -> str:
        """The fencing token of the leader of maintenance."""
        return self.keeper.lead(DUTY, "leader", 600_000)

    def promote(self) -> list[str]:
        """Promote everything that is due and return the ids that moved."""
        moved: list[str] = []
        for due in (self.keeper.due_scheduled(250), self.keeper.due_retrying(250)):
            if due.jobs:
                codes = self.keeper.promote(DUTY, self.lead(), due.jobs)
                moved += [job[0] for job, code in zip(due.jobs, codes, strict=True) if code == 0]
        return moved

    def reap(self, delay_ms: int = 1000) -> list[str]:
        """Reap every expired lease, the next attempts after `delay_ms`, and return the ids that were lost."""
        due = self.keeper.expired_leases(250)
        lost = [
            Failed(Claim(job_id, record.token, record, None), 0, 0, LOST, delay_ms, outcome="lost")
            for job_id, record in due.jobs
        ]
        codes = self.keeper.reap(DUTY, self.lead(), lost) if lost else []
        return [item.claim.id for item, code in zip(lost, codes, strict=True) if code != 1]

    def record(self, job_id: str) -> JobRecord:
        """The record of a job that is there and readable."""
        (record,) = self.reader.records([job_id])
        assert record is not None, f"{job_id} has no readable record"
        return record

    def state(self, job_id: str) -> State | None:
        """The state of a job; None where it is gone."""
        (record,) = self.reader.records([job_id])
        return record.state if record else None

    def states(self, ids: Sequence[str]) -> list[State | None]:
        """The states of some jobs."""
        return [self.state(job_id) for job_id in ids]

    def close(self) -> None:
        """Drop all connections."""
        for channel in self._channels:
            channel.close()
        self.store.close()


LOST = Failure("WorkerLost", "the worker was lost", "", "0" * 16)
PRIORITIES = tuple(Priority)


@contextmanager
def store_kit(url: str, config: Config) -> Iterator[StoreKit]:
    """A kit that is closed in the end."""
    kit = StoreKit(url, config)
    try:
        yield kit
    finally:
        kit.close()
