"""Workers as their page shows them: those to look at first, and the pools that they make."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from jobs.inspection.figures import QueueLine, WorkerLine
from jobs.store.registry import Seen, WorkerInfo

from .queue_row import QueueRow


class Pool(msgspec.Struct, frozen=True):
    """The workers of one pool, summed."""

    name: str
    alive: int
    lost: int
    slots: int
    busy: int
    out_per_second: float
    rss: int
    releases: list[str]


def by_urgency(workers: Sequence[Seen]) -> list[Seen]:
    """The lost workers first, then those that drain, then the others, each by id."""
    return sorted(workers, key=lambda seen: (_rank(seen), seen.info.id))


def pools_of(workers: Sequence[Seen]) -> list[Pool]:
    """Workers by pool: pools without a live worker first, then by name."""
    pools: dict[str, list[Seen]] = {}
    for seen in workers:
        pools.setdefault(seen.info.pool, []).append(seen)
    return sorted((_pool(name, crew) for name, crew in pools.items()), key=lambda pool: (pool.alive > 0, pool.name))


def text_of_worker(worker: WorkerInfo | WorkerLine) -> str:
    """What is looked for a text when somebody looks for workers."""
    return f"{worker.id} {worker.pool} {worker.host}"


def unserved(rows: Sequence[QueueRow]) -> list[QueueLine]:
    """Queues whose jobs wait and that no live worker serves."""
    lines = [row.queue for row in rows if not row.workers]
    return [line for line in lines if line.pending + line.scheduled + line.retrying]


def _rank(seen: Seen) -> int:
    """Busy and idle ones have the same: they change all the time, and stay where they are."""
    return 0 if not seen.alive else 1 if seen.info.status == "draining" else 2


def _pool(name: str, crew: Sequence[Seen]) -> Pool:
    alive = [seen.info for seen in crew if seen.alive]
    return Pool(
        name=name,
        alive=len(alive),
        lost=len(crew) - len(alive),
        slots=sum(info.concurrency for info in alive),
        busy=sum(info.busy for info in alive),
        out_per_second=sum(info.out_per_second for info in alive),
        rss=sum(info.rss for info in alive),
        releases=sorted({info.release for info in alive if info.release}),
    )
