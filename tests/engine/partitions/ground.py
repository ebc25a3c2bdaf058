"""An installation over several partitions, with real pools, and short ways to put jobs into one of them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, Self

from jobs.auditor import Auditor
from jobs.conf import Config
from jobs.errors import StoreUnavailable
from jobs.partitioning import Partitions
from jobs.states import State
from jobs.store.store import Store
from jobs.types import Envelope, JobRecord, JobRequest
from tests.engine.pools import Pool
from tests.support.polling import wait_until
from tests.support.server import TestServer

BATCH: Final = 250
SHORT: Final = {"LEASE_SECONDS": "3", "HEARTBEAT_SECONDS": "0.5"}


class Ground:
    """Partitions on one server, or each on a server of its own; a context. `parts` are their stores."""

    def __init__(self, partitions: int, servers: int = 1) -> None:
        self.servers = [TestServer(durable=servers > 1, settings={"appendfsync": "always"}) for _ in range(servers)]
        self._count = partitions
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for server in self.servers:
            self._stack.enter_context(server)
        spread = Partitions(self._count, self.urls)
        first = None if self.urls else self.servers[0].url
        self.store = Store.open(replace(Config(), redis_url=first, partitions=spread), timeout=1)
        self.parts = self.store.parts
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.store.close()
        self._stack.close()

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses of partitions that have a server each."""
        return tuple(server.url for server in self.servers) if len(self.servers) > 1 else ()

    def flush(self) -> None:
        """Forget everything."""
        for server in self.servers:
            server.flush()

    def pool(self, *arguments: str, **environment: str) -> Pool:
        """A worker pool for all partitions, to be used as a context."""
        spread, first = ",".join(self.urls) or str(self._count), "" if self.urls else self.servers[0].url
        return Pool(first, *arguments, QUEUEFLOW_PARTITIONS=spread, **{**SHORT, **environment})

    def enqueue(self, at: int, job_type: str, payload: object = None, **options: Any) -> str:
        """Enqueue a job in partition `at` and return its id."""
        [made] = self.enqueue_many(at, 1, job_type, payload, **options)
        return made

    def enqueue_many(
        self, at: int, count: int, job_type: str, payload: object = None, *, timeout: float = 30.0, **options: Any
    ) -> list[str]:
        """Enqueue so many equal jobs in partition `at` and return their ids; `timeout` in seconds."""
        envelope = Envelope(json.dumps({} if payload is None else payload).encode(), int(timeout * 1000))
        made = [
            JobRequest(id=f"{at:02x}{secrets.token_hex(10)}", type=job_type, envelope=envelope, **options)
            for _ in range(count)
        ]
        for first in range(0, count, BATCH):
            self.parts[at].producer.enqueue(made[first : first + BATCH])
        return [request.id for request in made]

    def records(self, ids: Sequence[str]) -> list[JobRecord]:
        """The records of some jobs, which are all there."""
        parts = [self.store.reader.records(ids[at : at + BATCH]) for at in range(0, len(ids), BATCH)]
        found = [record for part in parts for record in part if record is not None]
        assert len(found) == len(ids)
        return found

    def reaches(self, ids: Iterable[str], *states: State, seconds: float = 30.0) -> None:
        """Return when all of these are in one of the states."""
        left = list(ids)

        def reached() -> bool:
            with suppress(StoreUnavailable):  # its server has only just come back
                found = zip(left, self.records(left), strict=True)
                left[:] = [job_id for job_id, record in found if record.state not in states]
            return not left

        wait_until(reached, seconds)

    def completes(self, ids: Iterable[str], seconds: float = 30.0) -> None:
        """Return when all of these are completed."""
        self.reaches(ids, State.COMPLETED, seconds=seconds)

    def completed(self) -> list[int]:
        """How many jobs each partition has completed."""
        return [part.reader.totals().get("completed", 0) for part in self.parts]

    def findings(self) -> list[str]:
        """What the auditor finds in any partition."""
        return [str(finding) for part in self.parts for finding in Auditor(part).run().findings]
