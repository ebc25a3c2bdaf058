"""Workers: pools and their processes, what they run and for how long, draining."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from django.http import HttpResponse
from django.views.decorators.http import require_POST, require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.api.problems import Problem
from jobs.api.routes import queues as queue_routes
from jobs.api.routes import workers as routes
from jobs.inspection.figures import QueueLine, WorkerLine
from jobs.rights import Right
from monitoring.asking import act, ask, back, show_problem
from monitoring.pages import show


class Pool(msgspec.Struct, frozen=True):
    """The workers of one pool, summed."""

    name: str
    alive: int
    lost: int
    slots: int
    busy: int
    rss: int
    queues: list[str]
    releases: list[str]


@require_safe
@needs(Right.VIEW)
async def workers(request: PersonRequest) -> HttpResponse:
    """All workers heard of in the last ten minutes, by pool."""
    try:
        lines: list[WorkerLine] = (await ask(request, routes.list_workers)).items
        queues: list[QueueLine] = (await ask(request, queue_routes.list_queues)).items
    except Problem as problem:
        return await show_problem(request, problem)
    context: dict[str, Any] = {
        "workers": lines,
        "pools": pools_of(lines),
        "unserved": unserved(queues, lines),
        "may_drain": request.principal.may(Right.DRAIN),
    }
    return await show(request, "monitoring/workers/page.html", context)


@require_POST
@needs(Right.DRAIN)
async def drain(request: PersonRequest, worker_id: str) -> HttpResponse:
    """Let a worker finish what it runs and end."""
    done = f"{worker_id} drains: it finishes what it runs and ends."
    await act(request, done, routes.drain_worker, {"worker_id": worker_id}, body={})
    return back(request, "workers")


def pools_of(workers: Sequence[WorkerLine]) -> list[Pool]:
    """Workers by pool, sorted by name."""
    pools: dict[str, list[WorkerLine]] = {}
    for line in workers:
        pools.setdefault(line.pool, []).append(line)
    return [_pool(name, lines) for name, lines in sorted(pools.items())]


def unserved(queues: Sequence[QueueLine], workers: Sequence[WorkerLine]) -> list[QueueLine]:
    """Queues whose jobs wait and that no live worker serves."""
    served = {name for line in workers if line.status != "lost" for name in line.queues}
    return [line for line in queues if line.pending + line.scheduled + line.retrying and line.name not in served]


def _pool(name: str, lines: Sequence[WorkerLine]) -> Pool:
    alive = [line for line in lines if line.status != "lost"]
    return Pool(
        name=name,
        alive=len(alive),
        lost=len(lines) - len(alive),
        slots=sum(line.slots for line in alive),
        busy=sum(line.busy for line in alive),
        rss=sum(line.rss for line in alive),
        queues=sorted({queue for line in alive for queue in line.queues}),
        releases=sorted({line.release for line in alive if line.release}),
    )
