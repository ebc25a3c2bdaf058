"""A server with a store on it, and short ways to enqueue jobs and see what became of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from jobs.conf import Config
from jobs.ids import new_id
from jobs.states import State
from jobs.store.reader import StoredJob
from jobs.store.store import Store
from jobs.types import Envelope, JobRequest
from tests.engine.pools import Pool, await_state
from tests.support.polling import wait_until
from tests.support.server import TestServer


class Stage:
    """One server for a module's tests."""

    def __init__(self, server: TestServer) -> None:
        self.server = server
        self.store = Store.open(replace(Config(), redis_url=server.url))

    def pool(self, *arguments: str, **environment: str) -> Pool:
        """A worker pool on this server, to be used as a context."""
        return Pool(self.server.url, *arguments, **environment)

    def request(self, job_type: str, payload: object = None, *, timeout: float = 30.0, **options: Any) -> JobRequest:
        """A request; `timeout` in seconds, `options` are those of JobRequest."""
        packed = json.dumps({} if payload is None else payload).encode()
        return JobRequest(id=new_id(), type=job_type, envelope=Envelope(packed, int(timeout * 1000)), **options)

    def enqueue(self, job_type: str, payload: object = None, **options: Any) -> str:
        """Enqueue a job and return its id."""
        made = self.request(job_type, payload, **options)
        self.store.producer.enqueue([made])
        return made.id

    def enqueue_many(self, count: int, job_type: str, payload: object = None, **options: Any) -> list[str]:
        """Enqueue so many equal jobs and return their ids."""
        requests = [self.request(job_type, payload, **options) for _ in range(count)]
        for at in range(0, count, 250):
            self.store.producer.enqueue(requests[at : at + 250])
        return [made.id for made in requests]

    def run(self, job_type: str, payload: object = None, **options: Any) -> StoredJob:
        """Enqueue a job and return it when it has settled."""
        return self.settled(self.enqueue(job_type, payload, **options))

    def settled(self, job_id: str, seconds: float = 15.0) -> StoredJob:
        """The job when it is completed, dead or cancelled."""
        return await_state(self.store, job_id, State.COMPLETED, State.DEAD, State.CANCELLED, seconds=seconds)

    def reached(self, job_id: str, *states: State, seconds: float = 15.0) -> StoredJob:
        """The job when it is in one of the states."""
        return await_state(self.store, job_id, *states, seconds=seconds)

    def count(self, state: State) -> int:
        """How many jobs are in a state."""
        return self.store.reader.sizes(self.store.reader.indexes(state))

    def await_completed(self, ids: Iterable[str], seconds: float = 30.0) -> None:
        """Return when all of these are completed."""
        left = set(ids)

        def done() -> bool:
            some = list(left)[:250]
            records = self.store.reader.records(some)
            left.difference_update(
                job_id
                for job_id, record in zip(some, records, strict=True)
                if record and record.state is State.COMPLETED
            )
            return not left

        wait_until(done, seconds)


def result(job: StoredJob) -> Any:
    """What the handler returned."""
    return json.loads(job.result) if job.result else None
