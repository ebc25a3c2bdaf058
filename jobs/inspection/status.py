"""How an installation is, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from jobs.clock import isoformat
from jobs.states import State
from jobs.store.registry import Seen
from jobs.store.store import Store

from .wire import Time, Wire, WorkerStatus, about

Health = Literal["healthy", "degraded", "unhealthy"]
NamedHealth = Annotated[Health, msgspec.Meta(title="Health")]
_ORDER: tuple[Health, ...] = ("healthy", "degraded", "unhealthy")


class Part(Wire, frozen=True):
    """One part: its state, and in a sentence why."""

    name: Annotated[str, about("The part: store, workers, maintenance")]
    status: Annotated[NamedHealth, about("How it is")]
    detail: Annotated[str, about("Why; empty when there is nothing to say")] = ""


class WorkerState(Wire, frozen=True):
    """A worker, briefly."""

    id: Annotated[str, about("The worker's id")]
    status: Annotated[WorkerStatus, about("What it does")]
    processed: Annotated[int, about("Executions that it has finished since it started")]


class InstallationStatus(Wire, frozen=True):
    """The overall state is that of the worst part."""

    status: Annotated[NamedHealth, about("That of the part that is worst off")]
    parts: Annotated[list[Part], about("Part by part")]
    workers: Annotated[list[WorkerState], about("Workers that were heard of in the last ten minutes")]
    jobs: Annotated[dict[str, int], about("How many jobs there are in each status")]
    paused_queues: Annotated[list[str], about("Queues from which nothing is claimed")]
    release: Annotated[str, about("The release of the web process, as RELEASE says; may be empty")]
    at: Annotated[Time, about("The store's time of this answer")]


def worst(parts: Sequence[Part]) -> Health:
    """The state of the part that is worst off."""
    return _ORDER[max((_ORDER.index(part.status) for part in parts), default=0)]


def workers_part(workers: Sequence[Seen]) -> Part:
    """Degraded without a live worker: jobs are taken and wait."""
    alive = sum(seen.alive for seen in workers)
    if not alive:
        return Part(name="workers", status="degraded", detail="no worker is alive: jobs wait")
    return Part(name="workers", status="healthy", detail=f"{alive} alive")


def maintenance_part(store: Store, duties: Sequence[str]) -> Part:
    """Degraded while one of the duties has nobody in charge."""
    idle = [duty for duty in duties if not store.browser.leads(duty)]
    if idle and len(idle) == len(duties):
        detail = "no maintenance process runs: delayed jobs, retries and lost leases wait"
        return Part(name="maintenance", status="degraded", detail=detail)
    if idle:
        return Part(name="maintenance", status="degraded", detail=f"nobody is in charge of: {', '.join(idle)}")
    return Part(name="maintenance", status="healthy")


def status_of(store: Store, duties: Sequence[str]) -> InstallationStatus:
    """The whole picture. `duties` are those that should have a leader at any time. Raises StoreUnavailable."""
    store.browser.ping()
    workers = store.registry.workers()
    parts = [Part(name="store", status="healthy"), workers_part(workers), maintenance_part(store, duties)]
    counts = store.reader.state_counts()
    return InstallationStatus(
        status=worst(parts),
        parts=parts,
        workers=[
            WorkerState(
                id=seen.info.id, status=seen.info.status if seen.alive else "lost", processed=seen.info.processed
            )
            for seen in workers
        ],
        jobs={state.label: counts[state.label] for state in State},
        paused_queues=sorted(store.reader.paused()),
        release=store.config.release,
        at=isoformat(store.reader.now_ms()),
    )
