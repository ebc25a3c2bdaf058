"""Counts and rates: of states, queues, types and workers."""

from __future__ import annotations

from jobs.clock import isoformat
from jobs.states import State
from jobs.store.reader import Group, QueueView
from jobs.store.registry import Seen
from jobs.store.store import Store
from jobs.store.type_pauses import TypePause

from .wire import Milliseconds, Time, Wire, time_of

BUCKETS = 7  # of ten seconds each: six whole ones and the current one
BUCKET_SECONDS = 10


class Stats(Wire, frozen=True):
    """Totals since the installation began (`total` enqueued, `completed`, `failed` executions, `dead`, …) and the jobs
    there are now: `pending`, …, `byState`. Rates are those of the last minute, per second."""

    total: int
    pending: int
    completed: int
    failed: int
    dead: int
    cancelled: int
    retried: int
    pruned: int
    deleted: int
    by_state: dict[str, int]
    in_per_second: float
    out_per_second: float
    failed_per_second: float
    at: Time


class QueueLine(Wire, frozen=True):
    """One queue. `pending` jobs are those that workers can claim, `depth` by priority, and those that are `held`
    because their type is paused. `oldestAge` is that of the oldest one that is not held, in ms."""

    name: str
    paused: bool
    depth: dict[str, int]
    pending: int
    held: int
    scheduled: int
    retrying: int
    active: int
    dead: int
    oldest_age: Milliseconds
    in_per_second: float
    out_per_second: float


class TypeLine(Wire, frozen=True):
    """One job type: executions that completed and failed, their mean duration, and how many live workers serve it.

    `paused`: no job of it is claimed. `held` pending jobs of it wait apart from their queues; those of a type that is
    not paused (any more) are on their way back.
    """

    type: str
    completed: int
    failed: int
    mean_duration: float | None
    workers: int
    paused: bool
    held: int


class RunningJob(Wire, frozen=True):
    """A job that a worker runs at the moment."""

    job_id: str
    type: str
    started_at: Time | None


class WorkerLine(Wire, frozen=True):
    """One worker. `status`: idle, busy, draining, or lost when it has not been heard of for three heartbeats."""

    id: str
    pool: str
    host: str
    pid: int
    status: str
    queues: list[str]
    slots: int
    busy: int
    processed: int
    failed: int
    rss: int
    release: str
    started_at: Time | None
    last_heartbeat: Time | None
    running: list[RunningJob]


class GroupLine(Wire, frozen=True):
    """Dead jobs that failed alike."""

    fingerprint: str
    count: int
    error: str
    first_seen: Time | None
    last_seen: Time | None
    sample_job_id: str
    types: list[str]


def stats_of(store: Store) -> Stats:
    """The figures of the whole installation."""
    reader = store.reader
    totals, states = reader.totals(), reader.state_counts()
    recent = reader.series(BUCKETS)[:-1]

    def rate(*whats: str) -> float:
        found = sum(value for bucket in recent for field, value in bucket.items() if field.rpartition("|")[2] in whats)
        return round(found / (len(recent) * BUCKET_SECONDS), 3)

    return Stats(
        total=totals.get("created", 0),
        pending=states["pending"],
        by_state={state.label: states[state.label] for state in State},
        in_per_second=rate("in"),
        out_per_second=rate("completed"),
        failed_per_second=rate("failed"),
        at=isoformat(reader.now_ms()),
        **{name: totals.get(name, 0) for name in _COUNTERS},
    )


_COUNTERS = ("completed", "failed", "dead", "cancelled", "retried", "pruned", "deleted")


def queue_line(view: QueueView) -> QueueLine:
    """A queue as it goes out."""
    return QueueLine(
        name=view.name,
        paused=view.paused,
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
    serving: dict[str, int] = {}
    for seen in store.registry.workers():
        for name in seen.info.types if seen.alive else ():
            serving[name] = serving.get(name, 0) + 1
    return [
        _type_line(name, figures.get(name, {}), serving.get(name, 0), pauses.get(name))
        for name in sorted({*figures, *serving, *pauses})
    ]


def _type_line(name: str, figures: dict[str, int], workers: int, pause: TypePause | None) -> TypeLine:
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
        rss=info.rss,
        release=info.release,
        started_at=time_of(info.started_ms),
        last_heartbeat=time_of(seen.heartbeat_ms),
        running=[RunningJob(job_id=each, type=name, started_at=time_of(at)) for each, name, at in info.running],
    )


def group_line(fingerprint: str, group: Group) -> GroupLine:
    """A group of dead jobs as it goes out."""
    return GroupLine(
        fingerprint=fingerprint,
        count=group.count,
        error=group.summary,
        first_seen=time_of(group.first_seen),
        last_seen=time_of(group.last_seen),
        sample_job_id=group.sample_id,
        types=group.types,
    )
