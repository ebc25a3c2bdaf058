"""Says in the store that this worker lives, and what it is doing."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Final

from jobs.errors import StoreError
from jobs.store.registry import Registry as Workers
from jobs.store.registry import WorkerInfo

from .memory import resident_bytes
from .options import PoolOptions
from .pace import Pace
from .shared import Shared
from .table import Phase

MOST_RUNNING: Final = 100


class Presence:
    """Heartbeats of one worker; for the settler's thread."""

    def __init__(self, workers: Workers, shared: Shared, options: PoolOptions, release: str) -> None:
        self._workers = workers
        self._shared = shared
        self._options = options
        self._release = release
        self._started_ms = 0
        self._pace = Pace()

    def beat(self) -> None:
        """Say it now. Raises StoreError."""
        now = self._workers.heartbeat(self._info())
        self._started_ms = self._started_ms or now

    def leave(self) -> None:
        """Say that this worker has gone, if the store listens."""
        with suppress(StoreError):
            self._workers.leave(self._shared.worker)

    def _info(self) -> WorkerInfo:
        shared, options = self._shared, self._options
        running = shared.slots.running()
        settled, failed = shared.table.totals
        draining = shared.table.phase is Phase.DRAINING
        return WorkerInfo(
            id=shared.worker,
            incarnation=shared.table.incarnation,
            pool=options.name,
            supervisor=options.supervisor,
            host=socket.gethostname(),
            pid=os.getpid(),
            queues=tuple(name for name, _ in options.queues),
            types=tuple(sorted(shared.registry.types())),
            concurrency=options.concurrency,
            started_ms=self._started_ms,
            status="draining" if draining else "busy" if running else "idle",
            busy=len(running),
            processed=settled,
            failed=failed,
            out_per_second=self._pace.saw(settled),
            rss=resident_bytes(),
            release=self._release,
            waiting=shared.waiting.now(),
            running=tuple(
                (held.claim.id, held.claim.record.type, held.claim.record.claimed + held.started_ms)
                for held in running[:MOST_RUNNING]
            ),
        )
