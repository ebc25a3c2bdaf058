"""Counts and rates: of states, queues, types and workers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from jobs.clock import isoformat
from jobs.states import State
from jobs.store.queue_view import QueueView
from jobs.store.registry import Seen
from jobs.store.store import Store
from jobs.store.type_pauses import TypePause

from .wire import Merged, Milliseconds, Time, Wire, WorkerStatus, about, time_of

BUCKETS = 7  # of ten seconds each: six whole ones and the current one
BUCKET_SECONDS = 10


class Stats(Merged, frozen=True, kw_only=True):
    """Totals since the installation began (`total` enqueued, `completed`, `failed` executions, `dead`, …) and the jobs
    there are now: `pending`, …, `byState`. Rates are those of the last minute, per second."""

    total: Annotated[int, about("Jobs enqueued since the installation began")]
    pending: Annotated[int, about("Jobs that wait for a worker now")]
    completed: Annotated[int, about("Jobs completed since the installation began")]
    failed: Annotated[int, about("Executions that failed since the installation began, each attempt of a job counted")]
    dead: Annotated[int, about("Jobs that died since the installation began; those of now are in byState")]
    cancelled: Annotated[int, about("Jobs cancelled since the installation began")]
    retried: Annotated[int, about("Dead jobs that were retried by a person or a key")]
    pruned: Annotated[int, about("Finished jobs that were removed after their retention")]
    deleted: Annotated[int, about("Jobs that a person or a key deleted")]
    by_state: Annotated[dict[str, int], about("How many jobs there are in each status now")]
    in_per_second: Annotated[float, about("Jobs enqueued per second")]
    out_per_second: Annotated[float, about("Jobs completed per second")]
    failed_per_second: Annotated[float, about("Executions failed per second")]
    completed_since: Annotated[Time | None, about("When the oldest completed job that is still stored ended")]
    cancelled_since: Annotated[Time | None, about("When the oldest cancelled job that is still stored ended")]
    at: Annotated[Time, about("The store's time of these figures")]


class QueueLine(Wire, frozen=True):
    """One queue. `pending` jobs are those that workers can claim, `depth` by priority, and those that are `held`
    because their type is paused. `oldestAge` is that of the oldest one that is not held, in ms."""

    name: Annotated[str, about("The queue's name")]
    paused: Annotated[bool, about("Workers claim nothing from it")]
    depth: Annotated[dict[str, int], about("Jobs that can be claimed, by priority: high, normal, low")]
    pending: Annotated[int, about("Jobs that wait for a worker: those of depth and the held ones")]
    held: Annotated[int, about("Pending jobs of a paused type, which are not claimed")]
    scheduled: Annotated[int, about("Jobs that are due later")]
    retrying: Annotated[int, about("Jobs that failed and wait for their next attempt")]
    active: Annotated[int, about("Jobs held by a worker")]
    dead: Annotated[int, about("Dead jobs that came from this queue")]
    oldest_age: Annotated[Milliseconds, about("How long the oldest claimable job waits, in ms")]
    in_per_second: Annotated[float, about("Jobs that came in per second, over the last half minute")]
    out_per_second: Annotated[float, about("Jobs that ended per second, completed or dead, over the last half minute")]
    paused_since: Annotated[Time | None, about("Since when it is paused; null while it is not")] = None


class TypeLine(Wire, frozen=True):
    """One job type: executions that completed and failed, their mean duration, and how many live workers serve it.

    `paused`: no job of it is claimed. `held` pending jobs of it wait apart from their queues; those of a type that is
    not paused (any more) are on their way back.
    """

    type: Annotated[str, about("The type's name")]
    completed: Annotated[int, about("Executions that completed")]
    failed: Annotated[int, about("Executions that failed")]
    mean_duration: Annotated[float | None, about("Mean duration of those that completed, in ms; null before the first")]
    workers: Annotated[int, about("Live workers with a handler for it")]
    paused: Annotated[bool, about("Workers claim no job of it")]
    held: Annotated[int, about("Pending jobs that are kept from the workers")]
    paused_since: Annotated[Time | None, about("Since when it is paused; null while it is not")] = None
    waiting_for: Annotated[
        list[str], about("What its handlers depend on and cannot reach, so that jobs are put off")
    ] = []


class RunningJob(Wire, frozen=True):
    """A job that a worker runs at the moment."""

    job_id: Annotated[str, about("The job's id")]
    type: Annotated[str, about("The job's type")]
    started_at: Annotated[Time | None, about("When the worker began it")]


class WorkerLine(Wire, frozen=True):
    """One worker. `status`: idle, busy, draining, or lost when it has missed three heartbeats."""

    id: Annotated[str, about("The worker's id")]
    pool: Annotated[str, about("The pool that it belongs to")]
    host: Annotated[str, about("The machine that it runs on")]
    pid: Annotated[int, about("Its process there")]
    status: Annotated[WorkerStatus, about("What it does")]
    queues: Annotated[list[str], about("The queues that it serves")]
    slots: Annotated[int, about("How many jobs it can run at once")]
    busy: Annotated[int, about("How many it runs now")]
    processed: Annotated[int, about("Executions that it has finished since it started")]
    failed: Annotated[int, about("Those of them that failed")]
    out_per_second: Annotated[float, about("Executions that it finished a second in the last half minute")]
    rss: Annotated[int, about("Resident memory of its process, in bytes")]
    release: Annotated[str, about("The release that it runs, as RELEASE says; may be empty")]
    started_at: Annotated[Time | None, about("When it started")]
    last_heartbeat: Annotated[Time | None, about("Its last heartbeat")]
    running: Annotated[list[RunningJob], about("The jobs that it runs now; of very many, some")]


def stats_of(store: Store) -> Stats:
    """The figures of the whole installation."""
    reader = store.reader
    totals, states = reader.totals(), reader.state_counts()
    recent = reader.series(BUCKETS)[:-1]

    def rate(*whats: str) -> float:
        found = sum(value for bucket in recent for field, value in bucket.items() if field.rpartition("|")[2] in whats)
        return round(found / (len(recent) * BUCKET_SECONDS), 3)

    def since(state: State) -> Time | None:
        begins = [score for score in store.browser.lowest(reader.indexes(state)) if score]
        return time_of(int(min(begins, default=0)) // 1000)

    counters: dict[str, Any] = {name: totals.get(name, 0) for name in _COUNTERS}
    return Stats(
        total=totals.get("created", 0),
        pending=states["pending"],
        by_state={state.label: states[state.label] for state in State},
        in_per_second=rate("in"),
        out_per_second=rate("completed"),
        failed_per_second=rate("failed"),
        completed_since=since(State.COMPLETED),
        cancelled_since=since(State.CANCELLED),
        at=isoformat(reader.now_ms()),
        **counters,
    )


_COUNTERS = ("completed", "failed", "dead", "cancelled", "retried", "pruned", "deleted")


def queue_line(view: QueueView) -> QueueLine:
    """A queue as it goes out."""
    return QueueLine(
        name=view.name,
        paused=view.paused,
        paused_since=time_of(view.paused_since),
        depth=view.depth,
        pending=sum(view.depth.values()) + view.counts["held"],
        oldest_age=view.oldest_ms,
        in_per_second=round(view.in_per_second, 3),
        out_per_second=round(view.out_per_second, 3),
        **view.counts,
    )


def type_lines(store: Store) -> list[TypeLine]:
    """All types that ever ran, that a live worker serves, or that are paused, sorted."""
    figures, pauses = store.reader.types(), store.type_pauses.all()
    alive = [seen.info for seen in store.registry.workers() if seen.alive]
    serving: dict[str, int] = {}
    waiting: dict[str, set[str]] = {}
    for info in alive:
        for name in info.types:
            serving[name] = serving.get(name, 0) + 1
        for name, _, dependency in info.waiting:
            waiting.setdefault(name, set()).add(dependency)
    return [
        _type_line(name, figures.get(name, {}), serving.get(name, 0), pauses.get(name), waiting.get(name, ()))
        for name in sorted({*figures, *serving, *pauses})
    ]


def _type_line(
    name: str, figures: dict[str, int], workers: int, pause: TypePause | None, waiting: Collection[str]
) -> TypeLine:
    completed = figures.get("completed", 0)
    mean = round(figures.get("ms", 0) / completed, 1) if completed else None
    return TypeLine(
        type=name,
        completed=completed,
        failed=figures.get("failed", 0),
        mean_duration=mean,
        workers=workers,
        paused=pause is not None and not pause.resuming,
        held=pause.held if pause else 0,
        paused_since=time_of(pause.since) if pause and not pause.resuming else None,
        waiting_for=sorted(waiting),
    )


def worker_line(seen: Seen) -> WorkerLine:
    """A worker as it goes out."""
    info = seen.info
    return WorkerLine(
        id=info.id,
        pool=info.pool,
        host=info.host,
        pid=info.pid,
        status=info.status if seen.alive else "lost",
        queues=list(info.queues),
        slots=info.concurrency,
        busy=info.busy,
        processed=info.processed,
        failed=info.failed,
        out_per_second=info.out_per_second,
        rss=info.rss,
        release=info.release,
        started_at=time_of(info.started_ms),
        last_heartbeat=time_of(seen.heartbeat_ms),
        running=[RunningJob(job_id=each, type=name, started_at=time_of(at)) for each, name, at in info.running],
    )
