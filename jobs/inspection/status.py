"""How an installation is, part by part."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Final, Literal

import msgspec

from jobs.clock import isoformat
from jobs.errors import StoreError, StoreMisconfigured, StoreUnavailable
from jobs.states import State
from jobs.store.durability import durability
from jobs.store.failures import OTHER_PARTITIONS
from jobs.store.registry import Seen
from jobs.store.store import Store

from .wire import Merged, Time, Wire, WorkerStatus, about

Health = Literal["healthy", "degraded", "unhealthy"]
NamedHealth = Annotated[Health, msgspec.Meta(title="Health")]
_ORDER: Final[tuple[Health, ...]] = ("healthy", "degraded", "unhealthy")
CRITICAL: Final = frozenset({"store", "workers"})  # without them nothing goes on; without the others, some things do
GRACE_MS: Final = 15_000  # for which a duty may be without a leader
# What a server that answers may say to a write, and what that means.
_REFUSALS: Final[dict[str, tuple[Health, str]]] = {
    "out_of_memory": ("degraded", "the server is out of memory: no job is taken, those that are there go on"),
    "read_only": ("unhealthy", "the server is a replica and takes no writes"),
    "persistence_failed": ("unhealthy", "the server cannot save its data and takes no writes"),
    "too_few_replicas": ("unhealthy", "the server has too few replicas and takes no writes"),
}


class Part(Wire, frozen=True):
    """One part: its state, and in a sentence why."""

    name: Annotated[str, about("The part: store, workers, maintenance")]
    status: Annotated[NamedHealth, about("How it is")]
    detail: Annotated[str, about("Why; empty when there is nothing to say")] = ""


DEGRADED: Final = Part(name="", status="degraded")


class WorkerState(Wire, frozen=True):
    """A worker, briefly."""

    id: Annotated[str, about("The worker's id")]
    status: Annotated[WorkerStatus, about("What it does")]
    processed: Annotated[int, about("Executions that it has finished since it started")]


class InstallationStatus(Merged, frozen=True, kw_only=True):
    """The overall state is that of the worst part."""

    status: Annotated[NamedHealth, about("That of the part that is worst off")]
    parts: Annotated[list[Part], about("Part by part")]
    workers: Annotated[list[WorkerState], about("Workers with a heartbeat in the last ten minutes")]
    jobs: Annotated[dict[str, int], about("How many jobs there are in each status")]
    paused_queues: Annotated[list[str], about("Queues from which nothing is claimed")]
    release: Annotated[str, about("The release of the web process, as RELEASE says; may be empty")]
    at: Annotated[Time, about("The store's time of this answer")]


def worst(parts: Sequence[Part]) -> Health:
    """The state of the part that is worst off."""
    return _ORDER[max((_ORDER.index(part.status) for part in parts), default=0)]


def overall(parts: Sequence[Part], critical: Collection[str] = CRITICAL) -> Health:
    """The state of the whole: only a critical part makes it unhealthy, any other one degrades it at most."""
    return worst([part if part.name in critical or part.status == "healthy" else DEGRADED for part in parts])


def store_part(store: Store) -> Part:
    """Whether the store takes a write, and keeps what it has.

    Raises StoreError when it does not answer, or cannot be used as configured.
    """
    if len(store.servers) > 1:
        return _servers_part(store)
    return _server_part(store)


def _servers_part(store: Store) -> Part:
    """Degraded where some of its servers are away, or refuse us: jobs of their partitions wait, the others go on.

    Raises what the first one says when it is so with all of them, and that of one which has other partitions.
    """
    statuses: list[Health] = []
    said: list[str] = []
    failures: list[StoreError] = []
    for part in store.servers:
        mine = [number for number, each in enumerate(store.parts) if each.client is part.client]
        name = f"partition {', '.join(map(str, mine))}"
        try:
            found = _server_part(part)
        except (StoreUnavailable, StoreMisconfigured) as error:
            if error.kind == OTHER_PARTITIONS:
                raise
            failures.append(error)
            said.append(f"{name} {'is away' if error.transient else 'refuses us'}, its jobs wait: {error}")
            continue
        statuses.append(found.status)
        if found.detail:
            said.append(f"{name}: {found.detail}")
    if not statuses:
        raise failures[0]
    are_all_well = not failures and set(statuses) == {"healthy"}
    is_any_well = "unhealthy" not in statuses or len(set(statuses)) > 1
    status: Health = "healthy" if are_all_well else "degraded" if is_any_well else "unhealthy"
    return Part(name="store", status=status, detail="; ".join(said))


def _server_part(store: Store) -> Part:
    try:
        store.browser.probe()
    except StoreUnavailable as error:
        if error.kind not in _REFUSALS:
            raise
        status, detail = _REFUSALS[error.kind]
        return Part(name="store", status=status, detail=detail)
    found = durability(store.client)
    is_unsafe = found.evicts or found.forgets
    return Part(name="store", status="degraded" if is_unsafe else "healthy", detail="; ".join(found.warnings))


def workers_part(workers: Sequence[Seen], desired: Mapping[str, int]) -> Part:
    """Unhealthy without a live worker: jobs are taken and wait. Degraded where that is what the pools are set to."""
    alive = sum(seen.alive for seen in workers)
    if alive:
        return Part(name="workers", status="healthy", detail=f"{alive} alive")
    if desired and not any(desired.values()):
        return Part(name="workers", status="degraded", detail="all pools are set to no workers: jobs wait")
    return Part(name="workers", status="unhealthy", detail="no worker is alive: jobs wait")


def maintenance_part(store: Store, duties: Sequence[str]) -> Part:
    """Degraded once a duty has had nobody in charge for 15 s: leaders change, and start, within five."""
    vacancies = store.keeper.vacancies(duties)
    idle = {duty: vacant // 1000 for duty, vacant in vacancies.items() if vacant >= GRACE_MS}
    if idle and len(idle) == len(duties):
        detail = (
            f"no maintenance process has run for {min(idle.values())} s: delayed jobs, retries and lost leases wait"
        )
        return Part(name="maintenance", status="degraded", detail=detail)
    if idle:
        named = ", ".join(f"{duty} (for {seconds} s)" for duty, seconds in idle.items())
        return Part(name="maintenance", status="degraded", detail=f"nobody is in charge of: {named}")
    detail = f"a leader is about to take: {', '.join(vacancies)}" if vacancies else ""
    return Part(name="maintenance", status="healthy", detail=detail)


def status_of(store: Store, duties: Sequence[str]) -> InstallationStatus:
    """The whole picture. `duties` are those that should have a leader at any time. Raises StoreUnavailable."""
    workers, reader = store.registry.workers(), store.reader
    counts, paused = reader.state_counts(), reader.paused()
    return status_from(store, duties, workers, counts, paused, reader.now_ms())


def status_from(
    store: Store,
    duties: Sequence[str],
    workers: Sequence[Seen],
    counts: Mapping[str, int],
    paused: Collection[str],
    now_ms: int,
) -> InstallationStatus:
    """Like `status_of`, for one who has read workers, jobs a state and paused queues anyway."""
    parts = [store_part(store), workers_part(workers, store.registry.desired()), maintenance_part(store, duties)]
    return InstallationStatus(
        status=overall(parts),
        parts=parts,
        workers=[
            WorkerState(
                id=seen.info.id, status=seen.info.status if seen.alive else "lost", processed=seen.info.processed
            )
            for seen in workers
        ],
        jobs={state.label: counts[state.label] for state in State},
        paused_queues=sorted(paused),
        release=store.config.release,
        at=isoformat(now_ms),
    )
